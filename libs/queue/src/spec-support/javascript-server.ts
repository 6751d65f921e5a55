import { startRedis } from '@pawvault/embedded-redis';
import { silentNotices } from './notices';

/** The server in JavaScript in a process of its own: its Lua in WebAssembly does not run in the sandbox of Jest. */
const options = {
  stateDir: '',
  instanceId: 'queue',
  redisUrl: null,
  production: false,
  logger: silentNotices,
  searchPath: '',
};

void startRedis(options).then(({ url }) => process.send?.(url));
process.once('disconnect', () => process.exit());
