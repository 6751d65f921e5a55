import type { JobProgress, JobWarning } from '@pawvault/contracts';

/** The port through which a verb talks to whoever runs it. The engine never prints and knows no queue. */
export interface JobContext {
  jobId: string;
  /** Aborted on cancel; every verb then stops within two seconds, leaves nothing behind and rejects with the reason of the signal. */
  signal: AbortSignal;
  onProgress(progress: JobProgress): void;
  warn(warning: JobWarning): void;
  /** Ids of the other jobs, queued or running, that make or use a backup at this moment. */
  othersUsing(backupId: string): Promise<string[]>;
}
