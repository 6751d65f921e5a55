import { DomainError } from '@pawvault/contracts';
import type { JobPayload, JobResult, JobType, JobView, QueueName } from '@pawvault/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { ProducerConnection, queueFor } from './connection';
import type { BullQueue, Queues } from './connection';
import { anyWorkerAlive } from './heartbeat';
import { jobOptions } from './job-record';
import type { JobData, QueuedJob } from './job-record';
import { hasEnded, isCommitting, toJobView } from './job-view';
import type { BullState } from './job-view';
import { allJobs, jobsUsing, pageOf } from './list-jobs';
import type { JobPage, ListQuery } from './list-jobs';
import { newJobId, queueOfId } from './names';
import { DEFAULT_TIMING } from './timing';
import { validatePayload } from './validate-payload';

const FIRST_LOOK_MS = 20;
const SLOWEST_LOOK_MS = 250;

export interface JobQueueOptions {
  redisUrl: string;
  instanceId: string;
  /** What a job that is added now belongs to, as a `traceparent`; null where nobody traces. */
  traceparent?: () => string | null;
}

export interface WaitOptions {
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Every method throws DomainError QUEUE_UNAVAILABLE within about two seconds when Redis does not answer. */
export interface JobQueue {
  /**
   * @param options.jobId of {@link newJobId}, for who has to know it before the job is there
   * @throws DomainError JOB_PAYLOAD_INVALID
   */
  add: <T extends JobType>(type: T, payload: JobPayload<T>, options?: { jobId?: string }) => Promise<JobView<T>>;
  /** @throws DomainError JOB_NOT_FOUND */
  get: (id: string) => Promise<JobView>;
  /** Newest first. @throws DomainError VALIDATION_FAILED for a bad cursor */
  list: (query: ListQuery) => Promise<JobPage>;
  /**
   * A queued job has ended at once; a running one ends within two seconds, or completes if it could not be stopped any more.
   * @throws DomainError JOB_NOT_FOUND, JOB_FINISHED, RESTORE_COMMITTING
   */
  cancel: (id: string) => Promise<JobView>;
  /** The job once it has ended, or as it stands when the time is up or the signal aborts. @throws DomainError JOB_NOT_FOUND */
  waitFor: (id: string, options: WaitOptions) => Promise<JobView>;
  /** The job now, then whenever it changes, until it has ended or the signal aborts. @throws DomainError JOB_NOT_FOUND */
  watch: (id: string, signal?: AbortSignal) => AsyncGenerator<JobView, void, void>;
  /**
   * For questions whose answer is all that matters: adds a job, waits for its result, and leaves no trace in the list.
   * @throws DomainError WORKER_UNAVAILABLE when no worker answers in time; whatever the job failed with
   */
  ask: <T extends JobType>(type: T, payload: JobPayload<T>, options: WaitOptions) => Promise<JobResult<T>>;
  /** Jobs, queued or running, that make or use a backup. */
  activeFor: (backupId: string) => Promise<JobView[]>;
  /** Jobs in each queue now. 'failed' and 'completed' count those that are still remembered. */
  counts: () => Promise<Record<QueueName, Record<'waiting' | 'active' | 'delayed' | 'failed' | 'completed', number>>>;
  workerAlive: () => Promise<boolean>;
  /** @throws DomainError QUEUE_UNAVAILABLE after `timeoutMs` at the latest */
  ping: (timeoutMs: number) => Promise<void>;
  close: () => Promise<void>;
}

/** Opens the producer's side. Connects in the background: Redis may come later, go away and come back. */
export function openJobQueue({ redisUrl, instanceId, traceparent = () => null }: JobQueueOptions): JobQueue {
  const connection = new ProducerConnection(redisUrl, instanceId);
  const get = (id: string): Promise<JobView> =>
    connection.use(async (queues) => {
      const { job, state } = await find(queues, id);
      return toJobView(job, state);
    });
  const queue: JobQueue = {
    add: (type, payload, options) => {
      const origin = traceparent();
      return connection.use((queues) => add(queues, { type, payload, origin, ...options }));
    },
    get,
    list: (query) => connection.use(async (queues) => pageOf(await allJobs(queues), query)),
    cancel: (id) => connection.use((queues) => cancel(queues, id)),
    watch: (id, signal) => watch(() => get(id), signal),
    waitFor: (id, options) => waitFor(queue, id, options),
    ask: (type, payload, options) => ask(connection, queue, { type, payload, options }),
    activeFor: (backupId) => connection.use((queues) => jobsUsing(queues, backupId)),
    counts: () =>
      connection.use(async ({ exclusive, parallel }) => ({
        exclusive: await countsOf(exclusive),
        parallel: await countsOf(parallel),
      })),
    workerAlive: () => connection.use((_queues, redis) => anyWorkerAlive(redis, instanceId, DEFAULT_TIMING.heartbeat)),
    ping: (timeoutMs) => connection.ping(timeoutMs),
    close: () => connection.close(),
  };
  return queue;
}

async function countsOf(queue: BullQueue): Promise<Awaited<ReturnType<JobQueue['counts']>>[QueueName]> {
  const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed', 'completed');
  const { waiting = 0, active = 0, delayed = 0, failed = 0, completed = 0 } = counts;
  return { waiting, active, delayed, failed, completed };
}

let lastTimestamp = 0;

/** Strictly rising within this process, so that the list keeps the order in which jobs were added. */
function nextTimestamp(): number {
  lastTimestamp = Math.max(Date.now(), lastTimestamp + 1);
  return lastTimestamp;
}

async function add<T extends JobType>(
  queues: Queues,
  job: { type: T; payload: JobPayload<T>; origin: string | null; jobId?: string },
): Promise<JobView<T>> {
  const { type, payload, origin, jobId = newJobId(type) } = job;
  const trace = origin === null ? {} : { traceparent: origin };
  const data: JobData = { payload: validatePayload(type, payload), cancelled_at: null, ...trace };
  const options = { ...jobOptions(DEFAULT_TIMING.retry), jobId, timestamp: nextTimestamp() };
  const added: QueuedJob = await queueFor(queues, type).add(type, data, options);
  return toJobView(added, 'waiting') as JobView<T>;
}

async function find(queues: Queues, id: string): Promise<{ job: QueuedJob; state: BullState }> {
  const name = queueOfId(id);
  const queue = name === null ? null : queues[name];
  // The state comes first: a job that ends in between is read with its end, and shown as running a last time.
  const state = await queue?.getJobState(id);
  const job: QueuedJob | undefined = await queue?.getJob(id);
  if (job === undefined || state === undefined || !isBullState(state))
    throw new DomainError('JOB_NOT_FOUND', undefined, { id });
  return { job, state };
}

const isBullState = (state: string): state is BullState =>
  ['waiting', 'delayed', 'active', 'completed', 'failed'].includes(state);

async function cancel(queues: Queues, id: string): Promise<JobView> {
  const { job, state } = await find(queues, id);
  const view = toJobView(job, state);
  if (hasEnded(view)) throw new DomainError('JOB_FINISHED', undefined, { id });
  if (isCommitting(view)) throw new DomainError('RESTORE_COMMITTING', undefined, { id });
  if (job.data.cancelled_at === null) await job.updateData({ ...job.data, cancelled_at: new Date().toISOString() });
  const after = await find(queues, id);
  return toJobView(after.job, after.state);
}

/** Looks again and again rather than listen: a look cannot be missed, and survives a restart of Redis. */
async function* watch(look: () => Promise<JobView>, signal?: AbortSignal): AsyncGenerator<JobView, void, void> {
  let seen = '';
  let pause = FIRST_LOOK_MS;
  while (signal?.aborted !== true) {
    const view = await look();
    const text = JSON.stringify(view);
    if (text !== seen) yield view;
    if (hasEnded(view)) return;
    seen = text;
    await delay(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    pause = Math.min(pause * 1.5, SLOWEST_LOOK_MS);
  }
}

async function waitFor(queue: JobQueue, id: string, { timeoutMs, signal }: WaitOptions): Promise<JobView> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  for await (const view of queue.watch(id, either)) if (hasEnded(view)) return view;
  return queue.get(id);
}

interface Question<T extends JobType> {
  type: T;
  payload: JobPayload<T>;
  options: WaitOptions;
}

async function ask<T extends JobType>(
  connection: ProducerConnection,
  queue: JobQueue,
  question: Question<T>,
): Promise<JobResult<T>> {
  if (!(await queue.workerAlive())) throw new DomainError('WORKER_UNAVAILABLE');
  const { id } = await queue.add(question.type, question.payload);
  const view = await queue.waitFor(id, question.options);
  if (!hasEnded(view)) await queue.cancel(id).catch(() => undefined);
  await connection.use((queues) => forget(queues, id));
  if (view.state === 'completed') return view.result as JobResult<T>;
  if (view.error !== null) throw new DomainError(view.error.code, view.error.message, view.error.details);
  throw new DomainError('WORKER_UNAVAILABLE');
}

/** A job that a worker still holds cannot be removed; its cancellation ends it, and it ages out of the list. */
async function forget(queues: Queues, id: string): Promise<void> {
  const { job } = await find(queues, id);
  await job.remove().catch(() => undefined);
}
