/**
 * The backup directory: which archives are there, what they say of themselves, and their removal.
 *
 * Promise: the archives are the only truth. Everything kept in memory or under `.pawvault/` is rebuilt from them or discarded as soon
 * as a file changes, and one unreadable archive never hides the others.
 * Not promised: that the content of a listed archive is sound; a verification tells.
 * Invariant: an answer about a file belongs to exactly these bytes, by size, modification time and inode.
 */
export { openBackup } from './archive-contents';
export { DownloadKey } from './download-key';
export { sameFingerprint } from './fingerprint';
export { openStore } from './open-store';
export type { FilePage, FileQuery, OpenedFile, Store, StoreListing, StoreOptions } from './store';
export { toBackupMeta } from './stored-backup';
export type { StoredBackup } from './stored-backup';
export { EXPIRY_MS, openQuarantine, Quarantine, toView as toImportView } from './quarantine/quarantine';
export { writeArriving } from './quarantine/write-arriving';
export type { ImportPosition, ImportRecord } from './quarantine/quarantine';
export { removeStaleTemporaries } from './stale-temporaries';
export { readPlanPaths } from './plans/read-plan-paths';
export type { PathCounts, PlanPathFilter, PlanPathPage, PlanPathQuery, PlanPosition } from './plans/read-plan-paths';
export { PLANS_PATH } from './plans/plans-directory';
export { removeOldPlans } from './plans/remove-old-plans';
export { writePlanPaths } from './plans/write-plan-paths';
export { AuditLog } from './audit/audit-log';
export type { AuditLogOptions, AuditPage } from './audit/audit-log';
export { makeUploadDirectory, uploadDirectory } from './upload-directory';
