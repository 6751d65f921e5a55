import type { JobPayload, JobProgress, JobResult, JobType, JobWarning } from '@pawvault/contracts';

/** What a handler is given beside its payload. */
export interface JobContext {
  jobId: string;
  /**
   * Aborts when the job was cancelled, when the worker shuts down, or when another worker may have taken the job over.
   * The handler then undoes what it has begun and rejects with JOB_CANCELLED; the queue knows which of the three it was. A restore that
   * died and was cancelled is run with a signal that has aborted already: only its handler can tell whether it had been done.
   */
  signal: AbortSignal;
  /** As often as the handler likes; a few a second are written. `percent` is kept from falling, and below 100. */
  onProgress: (progress: JobProgress) => void;
  /** Shown at once, while the job runs. The first 200 are kept. */
  warn: (warning: JobWarning) => void;
  /** Ids of the other jobs, queued or running, that make or use a backup at this moment. Waits for Redis during an outage. */
  othersUsing: (backupId: string) => Promise<string[]>;
}

/** One handler per kind of job; a missing one does not compile. */
export type Handlers = {
  [T in JobType]: (payload: JobPayload<T>, context: JobContext) => Promise<JobResult<T>>;
};
