import { type JobContext, runWorkers } from '../index';
import { FAST, handlersWith, progressAt, silent } from './samples';

/** A worker process for specs: says when it has begun to make or to restore a backup, and never ends doing so. */
const [redisUrl = '', instanceId = ''] = process.argv.slice(2);

void runWorkers({
  redisUrl,
  instanceId,
  concurrency: { parallel: 1 },
  logger: silent,
  timing: FAST,
  handlers: handlersWith({
    'backup.create': (_payload, context) => begin(context),
    'backup.restore': (_payload, context) => begin(context),
  }),
}).then(() => process.send?.('ready'));

function begin(context: JobContext): Promise<never> {
  context.onProgress(progressAt(42));
  process.send?.('started');
  return new Promise(() => undefined);
}
