import { DomainError, formatBackupId, toErrorView } from '@pawvault/contracts';
import type {
  CreatePayload,
  CreateResult,
  ErrorView,
  JobProgress,
  JobState,
  JobType,
  JobView,
  VerifyPayload,
} from '@pawvault/contracts';
import { readJobError } from './job-error';
import { storedProgress } from './job-record';
import type { QueuedJob } from './job-record';

/** The states of BullMQ that jobs of PawVault pass through. */
export type BullState = 'waiting' | 'delayed' | 'active' | 'completed' | 'failed';

/** The job as the world sees it. A job that was cancelled while it waited is shown as ended, though a worker must yet drop it. */
export function toJobView(job: QueuedJob, bullState: BullState): JobView {
  const error = errorOf(job, bullState);
  const state = stateOf(bullState, error);
  const { progress, warnings } = storedProgress(job);
  return {
    id: job.id ?? '',
    type: job.name,
    state,
    created_at: instant(job.timestamp),
    started_at: state === 'queued' || job.processedOn === undefined ? null : instant(job.processedOn),
    finished_at: finishedAt(job, state),
    progress: state === 'completed' ? atEnd(progress) : progress,
    result: state === 'completed' ? (job.returnvalue as JobView['result']) : null,
    error,
    warnings,
    backup_id: backupIdOf(job, state),
  };
}

export const hasEnded = ({ state }: JobView): boolean =>
  state === 'completed' || state === 'failed' || state === 'cancelled';

/**
 * Whether the job makes or uses that backup. A backup that is being made has no id of its own yet, because the version
 * in it is found out by the worker; time and short id tell it apart.
 */
export function concerns(job: QueuedJob, backupId: string): boolean {
  if (job.name !== 'backup.create') return backupIdOf(job, 'queued') === backupId;
  const { created_at, short_id } = job.data.payload as CreatePayload;
  const ending = formatBackupId('', new Date(created_at), short_id).split('-').slice(-2).join('-');
  return backupId.endsWith(`-${ending}`);
}

function errorOf(job: QueuedJob, bullState: BullState): ErrorView | null {
  if (bullState === 'failed') return readJobError(job.failedReason);
  const dropped = job.data.cancelled_at !== null && (bullState === 'waiting' || bullState === 'delayed');
  return dropped ? toErrorView(new DomainError('JOB_CANCELLED')) : null;
}

function stateOf(bullState: BullState, error: ErrorView | null): JobState {
  if (error !== null) return error.code === 'JOB_CANCELLED' ? 'cancelled' : 'failed';
  if (bullState === 'completed') return 'completed';
  return bullState === 'active' ? 'running' : 'queued';
}

function finishedAt(job: QueuedJob, state: JobState): string | null {
  if (state === 'queued' || state === 'running') return null;
  return job.finishedOn === undefined ? job.data.cancelled_at : instant(job.finishedOn);
}

const atEnd = (progress: JobProgress | null): JobProgress | null =>
  progress === null ? null : { ...progress, percent: 100, eta_seconds: 0 };

function backupIdOf(job: QueuedJob, state: JobState): string | null {
  const type: JobType = job.name;
  switch (type) {
    case 'backup.create':
      return state === 'completed' ? (job.returnvalue as CreateResult).backup_id : null;
    case 'backup.verify':
    case 'backup.rename':
      return (job.data.payload as VerifyPayload).backup_id;
    case 'instance.inspect':
      return null;
  }
}

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();
