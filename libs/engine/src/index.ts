/**
 * The verbs on an instance and its backups.
 *
 * Promise: a verb either completes what its result says, or fails with a code and leaves nothing behind; progress moves with bytes.
 * Not promised: exclusion. Who runs the verbs sees to it that operations on one instance do not overlap.
 * Invariant: an archive gets its final name only when it is complete, signed and on disk.
 */
export { createEngine } from './engine';
export type { Engine, EngineDeps, EngineOptions } from './engine';
export type { JobContext } from './job-context';
export { inspectInstance } from './instance/inspect';
export { createBackup } from './create/create-backup';
export { verifyBackup } from './verify/verify-backup';
export { checkImport } from './import/check-import';
export { acceptImport } from './import/accept-import';
export { renameBackup } from './rename/rename-backup';
export { DEFAULT_EXCLUDE_RULES, FILE_STORE_RULES } from './walk/exclude-rules';
export { planBackupRestore } from './restore/plan-backup-restore';
export { restoreBackup } from './restore/restore-backup';
export type { RestoreOptions } from './restore/restore-backup';
export { recoverInstance } from './restore/recover-instance';
export { resumeForgotten } from './restore/quiesce';
export type { QuiesceAdapter } from './restore/quiesce';
export { removeLeftovers } from './work-dir';
