import type { Redis } from 'ioredis';
import { DomainError, JOB_TYPES } from '@pawvault/contracts';
import type { JobType, QueueName } from '@pawvault/contracts';
import { Queue, WaitingError, Worker } from 'bullmq';
import { CLUSTER_REFUSED, isClusterNode } from './cluster';
import type { BullQueue, Queues } from './connection';
import { startHeartbeat } from './heartbeat';
import type { Handlers } from './job-context';
import { toJobFailure } from './job-error';
import type { JobData, QueuedJob } from './job-record';
import type { JobEnd, JobObserver, TakenJob } from './job-observer';
import { JobRun } from './job-run';
import { jobsUsing } from './list-jobs';
import type { QueueLogger } from './logger';
import { evictionRisk } from './eviction';
import { QUEUE_NAMES, redisName } from './names';
import { connectRedis } from './redis-client';
import { settlesWithin } from './settles-within';
import { DEFAULT_TIMING } from './timing';
import type { QueueTiming } from './timing';

/** A job whose workers died so often is not tried again: it fails with JOB_INTERRUPTED. */
const MAX_STALLED = 3;
/** What closing may take beyond its grace when Redis does not answer. */
const CLOSE_MS = 3000;
/** The same when it is known to be away: there is nobody to say good-bye to. */
const CLOSE_AWAY_MS = 300;

export interface RunWorkersOptions {
  redisUrl: string;
  instanceId: string;
  handlers: Handlers;
  /** Jobs of the parallel queue at a time in this process. The exclusive queue runs one over all processes. */
  concurrency: { parallel: number };
  logger: QueueLogger;
  observer?: JobObserver;
  /** Is put around every run; must carry it out once, and pass on how it ends. */
  around?: <T>(job: TakenJob, run: () => Promise<T>) => Promise<T>;
  timing?: Partial<QueueTiming>;
}

export interface RunningWorkers {
  /** Takes jobs, and Redis answers. */
  isReady: () => boolean;
  /**
   * Takes no more jobs, aborts those that run, and gives them back to the queue for another worker. A handler that has
   * not ended after `graceMs` is left alone; its job is taken over once its lock runs out.
   */
  close: (graceMs: number) => Promise<void>;
}

type BullWorker = Worker<JobData, unknown, JobType>;

/** Workers that may not have come so far as to take jobs yet; they can be closed all the same. */
export interface StartingWorkers extends RunningWorkers {
  /** Resolves once jobs are taken. Rejects when they are closed before that. */
  started: Promise<void>;
}

/**
 * Starts taking jobs. Waits for Redis as long as it takes, and through every outage.
 * `started` rejects with DomainError CONFIG_INVALID where Redis is a cluster.
 * @throws TypeError when a kind of job has no handler
 */
export function startWorkers(options: RunWorkersOptions): StartingWorkers {
  const missing = JOB_TYPES.filter((type) => typeof options.handlers[type] !== 'function');
  if (missing.length > 0) throw new TypeError(`There is no handler for ${missing.join(', ')}`);
  const pool = new WorkerPool(options);
  // A command that waits for Redis is never answered once nobody tries to reach it any more.
  const started = Promise.race([pool.start(), pool.givenUp]);
  started.catch(() => undefined);
  return { started, isReady: () => pool.isReady(), close: (graceMs) => pool.close(graceMs) };
}

/** As {@link startWorkers}; resolves once jobs are taken. */
export async function runWorkers(options: RunWorkersOptions): Promise<RunningWorkers> {
  const workers = startWorkers(options);
  try {
    await workers.started;
  } catch (error) {
    await workers.close(0);
    throw error;
  }
  return workers;
}

class WorkerPool {
  private readonly timing: QueueTiming;
  private readonly redis: Redis;
  private readonly runs = new Map<string, { run: JobRun; ended: Promise<void> }>();
  private readonly workers: BullWorker[];
  private readonly queues: Queues;
  private stopHeartbeat: () => Promise<void> = () => Promise.resolve();
  private closing = false;
  private giveUp: () => void = nothing;
  /** Rejects when it is closed. */
  readonly givenUp = new Promise<never>((_, reject) => {
    this.giveUp = () => reject(new DomainError('QUEUE_UNAVAILABLE', 'The workers were closed before they took jobs'));
  });

  constructor(private readonly options: RunWorkersOptions) {
    this.timing = { ...DEFAULT_TIMING, ...options.timing };
    this.redis = connectRedis(options.redisUrl, {
      maxRetriesPerRequest: null,
      enableOfflineQueue: true,
      retryAfter: (attempt) => Math.min(attempt * 100, 2000),
    });
    this.reportOutages();
    this.queues = { exclusive: this.openQueue('exclusive'), parallel: this.openQueue('parallel') };
    this.workers = QUEUE_NAMES.map((name) => this.makeWorker(name));
  }

  async start(): Promise<void> {
    await this.refuseCluster();
    await this.queues.exclusive.setGlobalConcurrency(1);
    // A Redis that lost its data forgot this too.
    this.redis.on('ready', () => void this.queues.exclusive.setGlobalConcurrency(1).catch(() => undefined));
    await Promise.all(this.workers.map((worker) => worker.waitUntilReady()));
    if (this.closing) return;
    for (const worker of this.workers) void worker.run().catch((error: unknown) => this.report(error));
    await this.warnOfEviction();
    this.stopHeartbeat = await startHeartbeat(this.redis, this.options.instanceId, this.timing.heartbeat);
  }

  isReady(): boolean {
    return !this.closing && this.redis.status === 'ready';
  }

  async close(graceMs: number): Promise<void> {
    this.closing = true;
    this.giveUp();
    await Promise.all(this.workers.map((worker) => worker.pause(true)));
    for (const { run } of this.runs.values()) run.stop('shutdown');
    const idle = await settlesWithin(Promise.all([...this.runs.values()].map(({ ended }) => ended)), graceMs);
    const signOff = this.stopHeartbeat().catch(() => undefined);
    const queues = Object.values(this.queues).map((queue) => queue.close());
    const closed = Promise.all([...this.workers.map((worker) => worker.close(!idle)), ...queues, signOff]);
    await settlesWithin(closed, this.redis.status === 'ready' ? CLOSE_MS : CLOSE_AWAY_MS);
    this.redis.disconnect();
  }

  private openQueue(name: QueueName): BullQueue {
    const queue: BullQueue = new Queue(redisName(this.options.instanceId, name), { connection: this.redis });
    queue.on('error', () => undefined);
    return queue;
  }

  private makeWorker(name: QueueName): BullWorker {
    const worker: BullWorker = new Worker(
      redisName(this.options.instanceId, name),
      (job, token) => this.process(job, token, worker.toKey(job.id ?? '')),
      {
        connection: this.redis,
        autorun: false,
        concurrency: name === 'exclusive' ? 1 : this.options.concurrency.parallel,
        lockDuration: this.timing.lock,
        stalledInterval: this.timing.stalledCheck,
        maxStalledCount: MAX_STALLED,
        runRetryDelay: 1000,
      },
    );
    worker.on('error', (error) => this.report(error));
    worker.on('stalled', (jobId) => {
      this.options.logger.warn({ job_id: jobId }, 'taking over the job of a worker that died');
      this.options.observer?.stalled(jobId);
    });
    worker.on('locksRenewed', ({ jobIds }) => jobIds.forEach((id) => this.runs.get(id)?.run.lockRenewed()));
    worker.on('lockRenewalFailed', (jobIds) => jobIds.forEach((id) => this.runs.get(id)?.run.stop('lock-lost')));
    return worker;
  }

  private async process(job: QueuedJob, token: string | undefined, key: string): Promise<unknown> {
    const id = job.id ?? '';
    // After an outage this process may be handed the job that it still runs: two runs at once would fight over the same files.
    const earlier = this.runs.get(id);
    earlier?.run.stop('lock-lost');
    await earlier?.ended;
    if (this.closing) return this.giveBack(job, token);
    const run = new JobRun(job, {
      handlers: this.options.handlers,
      timing: this.timing,
      isCancelled: () => this.isCancelled(key),
      usersOf: async (backupId) => (await jobsUsing(this.queues, backupId)).map((view) => view.id),
    });
    const result = this.logged(job, run);
    const current = { run, ended: result.then(nothing, nothing) };
    this.runs.set(id, current);
    try {
      return await result;
    } catch (error) {
      if (run.stopped === 'shutdown' || run.stopped === 'lock-lost') return await this.giveBack(job, token);
      throw toJobFailure(error);
    } finally {
      if (this.runs.get(id) === current) this.runs.delete(id);
    }
  }

  private async logged(job: QueuedJob, run: JobRun): Promise<unknown> {
    const { logger } = this.options;
    const fields = { job_id: job.id, job_type: job.name, attempt: job.attemptsStarted };
    const start = performance.now();
    logger.info(fields, 'job started');
    try {
      const result = await this.around(job, () => run.execute());
      const seconds = (performance.now() - start) / 1000;
      logger.info({ ...fields, ...backupId(job, result), duration_ms: Math.round(seconds * 1000) }, 'job completed');
      await this.tell(job, { outcome: 'completed', code: null, seconds, result });
      return result;
    } catch (error) {
      const ending = {
        ...fields,
        ...backupId(job, null),
        stopped: run.stopped,
        duration_ms: Math.round(performance.now() - start),
      };
      if (run.stopped !== null) logger.info(ending, 'job stopped');
      else if (error instanceof DomainError)
        logger.warn({ ...ending, code: error.code, details: error.details }, 'job refused');
      else logger.error({ ...ending, err: error }, 'job failed');
      const seconds = (performance.now() - start) / 1000;
      if (run.stopped !== 'shutdown' && run.stopped !== 'lock-lost')
        await this.tell(job, { ...failureOf(error), seconds, result: null });
      throw error;
    }
  }

  /** @throws DomainError CONFIG_INVALID; waiting would help nobody */
  private async refuseCluster(): Promise<void> {
    if (await isClusterNode(this.redis))
      throw new DomainError('CONFIG_INVALID', CLUSTER_REFUSED, { keys: ['REDIS_URL'] });
  }

  private around<T>(job: QueuedJob, run: () => Promise<T>): Promise<T> {
    const { around } = this.options;
    if (around === undefined) return run();
    const { traceparent = null } = job.data;
    return around({ type: job.name, jobId: job.id ?? '', attempt: job.attemptsStarted, traceparent }, run);
  }

  private async tell(job: QueuedJob, end: Omit<JobEnd, 'type' | 'jobId' | 'backupId'>): Promise<void> {
    const { backup_id: id } = backupId(job, end.result);
    const facts = { type: job.name, jobId: job.id ?? '', backupId: typeof id === 'string' ? id : null };
    await this.options.observer?.ended({ ...facts, ...end });
  }

  /** Puts the job back at the head of its queue. Where the lock is another's by now that fails, and the job is where it belongs. */
  private async giveBack(job: QueuedJob, token: string | undefined): Promise<never> {
    await job.moveToWait(token).catch((error: unknown) => this.report(error));
    throw new WaitingError();
  }

  private async isCancelled(key: string): Promise<boolean> {
    const data = await this.redis.hget(key, 'data');
    return data !== null && (JSON.parse(data) as JobData).cancelled_at !== null;
  }

  private async warnOfEviction(): Promise<void> {
    const policy = await evictionRisk(this.redis);
    if (policy === null) return;
    this.options.logger.warn(
      { maxmemory_policy: policy },
      'Redis may delete jobs when its memory is full: set maxmemory-policy to noeviction',
    );
  }

  private reportOutages(): void {
    let down = false;
    this.redis.on('error', (error) => {
      if (!down) this.options.logger.warn({ err: error }, 'the queue cannot be reached; waiting for it');
      down = true;
    });
    this.redis.on('ready', () => {
      if (down) this.options.logger.info({}, 'the queue answers again');
      down = false;
    });
  }

  private report(error: unknown): void {
    if (!this.closing) this.options.logger.debug({ err: error }, 'the queue reported an error');
  }
}

const nothing = (): void => undefined;

function failureOf(error: unknown): Pick<JobEnd, 'outcome' | 'code'> {
  const code = error instanceof DomainError ? error.code : 'INTERNAL_ERROR';
  return { outcome: code === 'JOB_CANCELLED' ? 'cancelled' : 'failed', code };
}

function backupId(job: QueuedJob, result: unknown): { backup_id?: unknown } {
  for (const source of [result, job.data.payload]) {
    if (typeof source === 'object' && source !== null && 'backup_id' in source) return { backup_id: source.backup_id };
  }
  return {};
}
