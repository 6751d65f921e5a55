/**
 * The backup directory: which archives are there, what they say of themselves, and their removal.
 *
 * Promise: the archives are the only truth. Everything kept in memory or under `.pawvault/` is rebuilt from them or discarded as soon
 * as a file changes, and one unreadable archive never hides the others.
 * Not promised: that the content of a listed archive is sound; a verification tells.
 * Invariant: an answer about a file belongs to exactly these bytes, by size, modification time and inode.
 */
export { openStore } from './open-store';
export type { FilePage, FileQuery, OpenedFile, Store, StoreListing, StoreOptions } from './store';
export type { StoredBackup } from './stored-backup';
export { AuditLog } from './audit/audit-log';
export type { AuditLogOptions, AuditPage } from './audit/audit-log';
