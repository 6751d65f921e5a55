import { DomainError } from '@pawvault/contracts';
import type { JobType } from '@pawvault/contracts';
import type { Handlers, JobContext } from './job-context';
import { storedProgress } from './job-record';
import type { QueuedJob } from './job-record';
import { mayHaveCommitted } from './job-view';
import { ProgressReporter } from './progress-reporter';
import type { QueueTiming } from './timing';
import { validatePayload } from './validate-payload';

/** Why a run is ended early: the user cancelled the job, this worker shuts down, or its lock of the job is lost. */
export type StopReason = 'cancelled' | 'shutdown' | 'lock-lost';

interface JobRunOptions {
  handlers: Handlers;
  timing: QueueTiming;
  /** Asks Redis. */
  isCancelled: () => Promise<boolean>;
  /** Asks Redis. */
  usersOf: (backupId: string) => Promise<string[]>;
}

/** One run of one job in this process. A job that is delivered twice has two. */
export class JobRun {
  /** The first reason to stop, or null. */
  stopped: StopReason | null = null;
  private readonly controller = new AbortController();
  private lockedUntil = 0;

  constructor(
    private readonly job: QueuedJob,
    private readonly options: JobRunOptions,
  ) {
    this.lockRenewed();
  }

  /** To be called when this worker's lock of the job was renewed; without, the run ends when the lock does. */
  lockRenewed(): void {
    this.lockedUntil = performance.now() + this.options.timing.lock;
  }

  stop(reason: StopReason): void {
    this.stopped ??= reason;
    this.controller.abort(new DomainError('JOB_CANCELLED', `The run was stopped: ${reason}`));
  }

  /** Runs the handler. Rejects with a DomainError when the job is refused or was cancelled, with anything else when it broke. */
  async execute(): Promise<unknown> {
    const { job, options } = this;
    const payload = validatePayload(job.name, job.data.payload);
    if (job.data.cancelled_at !== null) {
      if (!mayHaveCommitted(job, job.attemptsStarted - 1)) throw new DomainError('JOB_CANCELLED');
      this.stop('cancelled');
    }
    const reporter = new ProgressReporter({
      write: (stored) => job.updateProgress(stored),
      floor: storedProgress(job).progress?.percent ?? 0,
      intervalMs: options.timing.progress,
    });

    const poll = setInterval(() => void this.poll(), options.timing.cancelPoll);
    // A handler that never ends must not keep the process alive.
    poll.unref();
    try {
      return await call(options.handlers, job.name, payload, this.context(reporter));
    } catch (error) {
      throw this.stopped === 'cancelled' && !(error instanceof DomainError) ? new DomainError('JOB_CANCELLED') : error;
    } finally {
      clearInterval(poll);
      await reporter.flush();
    }
  }

  private context(reporter: ProgressReporter): JobContext {
    return {
      jobId: this.job.id ?? '',
      signal: this.controller.signal,
      onProgress: (progress) => reporter.report(progress),
      warn: (warning) => reporter.warn(warning),
      othersUsing: async (backupId) => (await this.options.usersOf(backupId)).filter((id) => id !== this.job.id),
    };
  }

  private async poll(): Promise<void> {
    // During an outage nobody tells that the lock is lost, and another worker may have the job already.
    if (performance.now() > this.lockedUntil) this.stop('lock-lost');
    if (await this.options.isCancelled().catch(() => false)) this.stop('cancelled');
  }
}

function call<T extends JobType>(handlers: Handlers, type: T, payload: unknown, context: JobContext): Promise<unknown> {
  const handler: (payload: never, context: JobContext) => Promise<unknown> = handlers[type];
  return handler(payload as never, context);
}
