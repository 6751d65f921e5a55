/**
 * What crosses a border: scope and id rules, metadata, manifest, jobs, progress, errors.
 *
 * Promise: plain types, constants and pure functions; the same in Node and in a browser.
 * Not promised: validation of untrusted input beyond the guards exported here (queue and gateway validate again).
 * Invariant: this library imports nothing.
 */
export { ERRORS } from './error-table';
export { DomainError, isErrorCode, toErrorView } from './errors';
export type { ErrorCode, ErrorView } from './errors';
export { BACKUP_ID_PATTERN, formatBackupId, isBackupId, QWENPAW_VERSION_UNKNOWN } from './backup-id';
export { AGENT_ID_PATTERN, isAgentId } from './agent-id';
export { DEFAULT_INSTANCE_ID, isInstanceId } from './instance-id';
export { backupKind, FULL_SCOPE, isEmptySelection, PARTIAL_SCOPE_DEFAULT, resolveSelection } from './scope';
export type { AgentSelection, BackupKind, BackupScope, BackupSelection, SelectionRequest } from './scope';
export { META_NAME, META_VERSION } from './meta';
export type { BackupMeta, SystemInfo } from './meta';
export { MANIFEST_NAME, MANIFEST_VERSION, OMISSION_REASONS } from './manifest';
export type {
  EntryType,
  ExclusionCount,
  Manifest,
  ManifestEntry,
  ManifestHead,
  ModuleStats,
  Omission,
  OmissionReason,
} from './manifest';
export {
  agentPrefix,
  CONFIG_ENTRY,
  DATA_PREFIX,
  moduleOf,
  MODULES,
  SECRETS_PREFIX,
  SKILL_POOL_PREFIX,
  WORKSPACES_PREFIX,
} from './layout';
export type { EntryOwner, ModuleName } from './layout';
export type {
  BackupDetail,
  BackupSummary,
  DuplicateArchive,
  FileRecord,
  InvalidBackup,
  TrustState,
  VerificationRecord,
  VerifiedState,
} from './backups';
export { IMPORT_CHECKS, IMPORT_ID_PATTERN } from './imports';
export type { ImportCheck, ImportCheckName, ImportConflict, ImportState, ImportView } from './imports';
export type { AgentView, InstanceDirectories, InstanceModuleView, InstanceView } from './instance';
export type { JobWarning } from './job-warning';
export { JOB_TYPES, QUEUE_OF } from './jobs';
export type {
  CreatePayload,
  ImportAcceptPayload,
  ImportCheckPayload,
  CreateResult,
  InspectPayload,
  JobMap,
  JobPayload,
  JobProgress,
  JobResult,
  JobState,
  JobType,
  JobView,
  QueueName,
  RenamePayload,
  RenameResult,
  VerifyPayload,
  VerifyProblem,
  VerifyResult,
} from './jobs';
export type {
  CarryReason,
  PathChange,
  PlannedAgent,
  PlannedModule,
  PlannedPath,
  RestoreMode,
  RestorePayload,
  RestorePlan,
  RestorePlanPayload,
  RestoreResult,
  RestoreSelection,
  TreeChanges,
  TrustMode,
} from './restore';
export { compareCodePoints } from './code-points';
export { isRole, ROLES, roleSuffices } from './roles';
export type { Role } from './roles';
export { AUDIT_ACTIONS } from './audit';
export type { AuditAction, AuditEvent, AuditProof, AuditRecord } from './audit';
export { CARRY_REASONS, PATH_CHANGES, PLAN_LISTED_PATHS, TRUST_MODES } from './restore';
