import type { JobType } from '@pawvault/contracts';

/** What became of a run. A run that was stopped because its worker shuts down or lost the job has not ended: the job goes on elsewhere. */
export interface JobEnd {
  type: JobType;
  jobId: string;
  backupId: string | null;
  outcome: 'completed' | 'failed' | 'cancelled';
  /** The error code of what failed. */
  code: string | null;
  seconds: number;
  result: unknown;
}

/** Is told, and must not fail. */
export interface JobObserver {
  /** The job counts as ended when this has resolved. */
  ended: (end: JobEnd) => Promise<void> | void;
  /** A worker died over this job, and it is taken over. */
  stalled: (jobId: string) => void;
}

/** One run of a job, as it is taken from the queue. */
export interface TakenJob {
  type: JobType;
  jobId: string;
  /** From 1. */
  attempt: number;
  /** What added the job, where somebody traces. */
  traceparent: string | null;
}
