import { startRedis } from '../index';

/** A program for specs: brings up Redis in the state directory and search path that it is given, says where, and waits for its end. */
const [stateDir = '', searchPath = ''] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined };

void startRedis({
  stateDir,
  instanceId: 'default',
  redisUrl: null,
  production: false,
  logger: silent,
  searchPath,
}).then(({ url }) => {
  process.send?.(url);
});
setInterval(() => undefined, 60_000);
