import { DomainError, formatBackupId, toErrorView } from '@pawvault/contracts';
import type {
  CreatePayload,
  CreateResult,
  ImportView,
  ErrorView,
  JobProgress,
  JobState,
  JobType,
  JobView,
  RestorePayload,
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

/** Phases of a restore that a cancel cannot end any more: it is being made good, or is good already. */
const COMMITTING = ['committing', 'finishing'];

/** True once a running restore exchanges what is there: all of it will be new, or it fails and all of it is old. */
export const isCommitting = ({ type, state, progress }: JobView): boolean =>
  type === 'backup.restore' && state === 'running' && COMMITTING.includes(progress?.phase ?? '');

/**
 * Whether one of the earlier runs of the job may have died behind what cannot be undone. Then only the next run knows how the job has
 * ended, whoever has cancelled it in the meantime.
 */
export const mayHaveCommitted = (job: QueuedJob, earlierRuns: number): boolean =>
  job.name === 'backup.restore' && earlierRuns > 0;

/** Whether the job makes or uses that backup. */
export function concerns(job: QueuedJob, backupId: string): boolean {
  const made = backupMadeBy(job);
  return backupIdOf(job, 'queued') === backupId || (made !== null && isMade(made, backupId));
}

type BackupIdentity = Pick<CreatePayload, 'created_at' | 'short_id'>;

function backupMadeBy({ name, data }: QueuedJob): BackupIdentity | null {
  if (name === 'backup.create') return data.payload as CreatePayload;
  return name === 'backup.restore' ? (data.payload as RestorePayload).pre_restore_backup : null;
}

/** A backup that is being made has no id of its own yet, because the version in it is found out by the worker. */
function isMade({ created_at, short_id }: BackupIdentity, backupId: string): boolean {
  const ending = formatBackupId('', new Date(created_at), short_id).split('-').slice(-2).join('-');
  return backupId.endsWith(`-${ending}`);
}

function errorOf(job: QueuedJob, bullState: BullState): ErrorView | null {
  if (bullState === 'failed') return readJobError(job.failedReason);
  const waits = bullState === 'waiting' || bullState === 'delayed';
  const dropped = job.data.cancelled_at !== null && waits && !mayHaveCommitted(job, job.attemptsStarted);
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
    case 'backup.restore':
    case 'restore.plan':
      return (job.data.payload as VerifyPayload).backup_id;
    case 'import.check':
    case 'import.accept':
      return state === 'completed' ? (job.returnvalue as ImportView).backup_id : null;
    case 'instance.inspect':
      return null;
  }
}

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();
