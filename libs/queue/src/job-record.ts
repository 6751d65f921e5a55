import type { JobProgress, JobType, JobWarning } from '@pawvault/contracts';
import type { Job, JobsOptions } from 'bullmq';

/** What BullMQ keeps as the data of a job. `cancelled_at` is the one part that changes after the job was added. */
export interface JobData {
  payload: unknown;
  /** When somebody asked for the end of the job; the worker that runs it, or would, obeys. */
  cancelled_at: string | null;
  /** What set it off, as W3C Trace Context writes it; absent where nobody traces. */
  traceparent?: string;
}

/** What BullMQ keeps as the progress of a job. */
export interface StoredProgress {
  progress: JobProgress | null;
  warnings: JobWarning[];
}

export type QueuedJob = Job<JobData, unknown, JobType>;

const KEPT_JOBS = 200;
const ATTEMPTS = 2;

export const jobOptions = (retryMs: number): JobsOptions => ({
  attempts: ATTEMPTS,
  backoff: { type: 'fixed', delay: retryMs },
  removeOnComplete: { count: KEPT_JOBS },
  removeOnFail: { count: KEPT_JOBS },
  // A stack may quote values; the worker's log has it, Redis does not need it.
  stackTraceLimit: 0,
});

/** BullMQ types progress as anything; before the first report it is the number 0. */
export function storedProgress(job: QueuedJob): StoredProgress {
  const value: unknown = job.progress;
  return typeof value === 'object' && value !== null ? (value as StoredProgress) : { progress: null, warnings: [] };
}
