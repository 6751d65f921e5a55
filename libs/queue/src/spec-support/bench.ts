import type { JobView } from '@pawvault/contracts';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { openJobQueue, runWorkers } from '../index';
import type { Handlers, JobQueue, RunningWorkers } from '../index';
import { FAST, handlersWith, silent } from './samples';

export const REGISTER = resolve(__dirname, '../../../../tools/ts-register.cjs');
const KILLABLE = resolve(__dirname, 'killable-worker.ts');
let instances = 0;

/** A queue of its own within a shared server, and everything that works on it. */
export class Bench {
  readonly instanceId = `spec-${process.pid}-${(instances += 1)}`;
  private readonly closers: (() => Promise<unknown>)[] = [];

  constructor(readonly redisUrl: string) {}

  queue(): JobQueue {
    const queue = openJobQueue({ redisUrl: this.redisUrl, instanceId: this.instanceId });
    this.closers.push(() => queue.close());
    return queue;
  }

  async workers(handlers: Partial<Handlers> = {}, parallel = 2): Promise<RunningWorkers> {
    const workers = await runWorkers({
      redisUrl: this.redisUrl,
      instanceId: this.instanceId,
      handlers: handlersWith(handlers),
      concurrency: { parallel },
      logger: silent,
      timing: FAST,
    });
    let closed: Promise<void> | null = null;
    const close = (graceMs: number): Promise<void> => (closed ??= workers.close(graceMs));
    this.closers.push(() => close(0));
    return { isReady: workers.isReady, close };
  }

  /** A worker process that has begun the next backup and will not end it. */
  async stuckProcess(): Promise<ChildProcess> {
    const child = fork(KILLABLE, [this.redisUrl, this.instanceId], { execArgv: ['-r', REGISTER] });
    this.closers.push(() => kill(child));
    while ((await once(child, 'message'))[0] !== 'started');
    return child;
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
  }
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** The first view of the job that fulfils the condition. Fails when the job ends without, or after the bound. */
export async function viewWhen(
  queue: JobQueue,
  id: string,
  condition: (view: JobView) => boolean,
  boundMs = 15_000,
): Promise<JobView> {
  for await (const view of queue.watch(id, AbortSignal.timeout(boundMs))) if (condition(view)) return view;
  throw new Error(`the job never was as expected: ${JSON.stringify(await queue.get(id))}`);
}

export async function ended(queue: JobQueue, id: string, timeoutMs = 20_000): Promise<JobView> {
  const view = await queue.waitFor(id, { timeoutMs });
  if (view.finished_at === null) throw new Error(`the job has not ended: ${JSON.stringify(view)}`);
  return view;
}
