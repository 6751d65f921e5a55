import type { ErrorView } from './errors';
import type { InstanceView } from './instance';
import type { JobWarning } from './job-warning';
import type { ExclusionCount, Omission } from './manifest';
import type { TrustState } from './backups';
import type { ImportView } from './imports';
import type { RestorePayload, RestorePlan, RestorePlanPayload, RestoreResult, TrustMode } from './restore';
import type { AgentSelection, BackupScope } from './scope';

/** `created_at` and `short_id` are fixed when the job is accepted, so that a job that is delivered twice makes one backup. */
export interface CreatePayload {
  name: string;
  description: string;
  scope: BackupScope;
  agents: AgentSelection;
  created_at: string;
  short_id: string;
}

export interface CreateResult {
  backup_id: string;
  /** Bytes of the archive. */
  size: number;
  agents: string[];
  /** Regular files and symlinks in the archive. */
  files: number;
  /** Bytes of their content. */
  bytes: number;
  /** The manifest holds all of them; here are the first 100. */
  omissions: Omission[];
  omission_count: number;
  exclusions: ExclusionCount[];
  duration_ms: number;
}

export interface VerifyPayload {
  backup_id: string;
}

export interface VerifyProblem {
  code: string;
  /** The entry, or null when the problem is of the archive as a whole. */
  path: string | null;
  message: string;
}

export interface VerifyResult {
  backup_id: string;
  state: 'ok' | 'damaged';
  entries: number;
  bytes: number;
  /** 'mismatch' is a question of trust, not of damage, as long as every entry is sound. */
  trust: Exclude<TrustState, 'unchecked'>;
  manifest: 'ok' | 'absent' | 'damaged';
  /** The first 100 by archive order. */
  problems: VerifyProblem[];
  problem_count: number;
  duration_ms: number;
}

export interface RenamePayload {
  backup_id: string;
  name?: string;
  description?: string;
}

export interface RenameResult {
  backup_id: string;
  name: string;
  description: string;
}

export interface ImportCheckPayload {
  import_id: string;
}

/** What somebody has decided about an archive in quarantine. */
export interface ImportAcceptPayload {
  import_id: string;
  overwrite: boolean;
  trust_mode: TrustMode | null;
}

export type InspectPayload = Record<string, never>;

/** Binds the name of a job to what goes in and what comes out. A new kind of job starts here; the compiler finds the rest. */
export interface JobMap {
  'backup.create': { payload: CreatePayload; result: CreateResult };
  'backup.verify': { payload: VerifyPayload; result: VerifyResult };
  'backup.rename': { payload: RenamePayload; result: RenameResult };
  'backup.restore': { payload: RestorePayload; result: RestoreResult };
  'restore.plan': { payload: RestorePlanPayload; result: RestorePlan };
  'import.check': { payload: ImportCheckPayload; result: ImportView };
  'import.accept': { payload: ImportAcceptPayload; result: ImportView };
  'instance.inspect': { payload: InspectPayload; result: InstanceView };
}

export type JobType = keyof JobMap;
export type JobPayload<T extends JobType> = JobMap[T]['payload'];
export type JobResult<T extends JobType> = JobMap[T]['result'];

/**
 * exclusive: operations on the instance that must not overlap, one at a time over all workers;
 * parallel: work that may run beside them.
 */
export type QueueName = 'exclusive' | 'parallel';

export const QUEUE_OF = {
  'backup.create': 'exclusive',
  'backup.verify': 'parallel',
  'backup.rename': 'parallel',
  'backup.restore': 'exclusive',
  'restore.plan': 'parallel',
  'import.check': 'parallel',
  'import.accept': 'parallel',
  'instance.inspect': 'parallel',
} as const satisfies Record<JobType, QueueName>;

export const JOB_TYPES = Object.keys(QUEUE_OF) as JobType[];

export type JobState = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';

/** `percent` moves with bytes, never backwards, and is 100 only when the result is there. */
export interface JobProgress {
  phase: string;
  percent: number;
  /** The agent or module being worked on. */
  current: string | null;
  agents_done: number;
  agents_total: number;
  files_done: number;
  files_total: number;
  bytes_done: number;
  bytes_total: number;
  bytes_per_second: number;
  eta_seconds: number | null;
}

export interface JobView<T extends JobType = JobType> {
  id: string;
  type: T;
  state: JobState;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  /** null until the worker has reported for the first time. */
  progress: JobProgress | null;
  result: JobResult<T> | null;
  error: ErrorView | null;
  warnings: JobWarning[];
  /** The backup that the job makes or works on, where it has one. */
  backup_id: string | null;
}
