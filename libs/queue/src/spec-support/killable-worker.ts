import { runWorkers } from '../index';
import { FAST, handlersWith, progressAt, silent } from './samples';

/** A worker process for specs: says when it has begun to make a backup, and never ends making it. */
const [redisUrl = '', instanceId = ''] = process.argv.slice(2);

void runWorkers({
  redisUrl,
  instanceId,
  concurrency: { parallel: 1 },
  logger: silent,
  timing: FAST,
  handlers: handlersWith({
    'backup.create': (_payload, context) => {
      context.onProgress(progressAt(42));
      process.send?.('started');
      return new Promise(() => undefined);
    },
  }),
}).then(() => process.send?.('ready'));
