import type { ArchiveLimits } from '@pawvault/archive';
import type {
  BackupDetail,
  BackupSummary,
  DuplicateArchive,
  InvalidBackup,
  VerificationRecord,
} from '@pawvault/contracts';
import type { FilePage, FileQuery, OpenedFile } from './browse';
import type { StoredBackup } from './stored-backup';

import type { OnUntrusted } from './verification-records';

export type { FilePage, FileQuery, OpenedFile } from './browse';

export interface StoreOptions {
  backupDir: string;
  limits: ArchiveLimits;
  /** Is told of records that another user may have written; they count as absent. */
  onUntrusted?: OnUntrusted;
}

export interface StoreListing {
  /** Newest first. `trust` is 'unchecked' where it would take reading more than the metadata; see {@link Store.proveTrust}. */
  backups: BackupSummary[];
  invalid: InvalidBackup[];
  duplicates: DuplicateArchive[];
}

/** Every method may fail with BACKUP_DIR_UNUSABLE; those that take an id also with BACKUP_ID_INVALID and BACKUP_NOT_FOUND. */
export interface Store {
  list(): Promise<StoreListing>;
  /** Replaces 'unchecked' where the signature of the manifest decides. Reads each manifest once: for a page, not for a directory. */
  proveTrust(summaries: readonly BackupSummary[]): Promise<BackupSummary[]>;
  /** @throws BACKUP_INVALID when the file of this id is there and cannot be read */
  find(id: string): Promise<StoredBackup>;
  /** With its trust proven. */
  summary(id: string): Promise<BackupSummary>;
  /** @throws BACKUP_INVALID */
  detail(id: string): Promise<BackupDetail>;
  /** @throws BACKUP_INVALID */
  files(id: string, query: FileQuery): Promise<FilePage>;
  /** @throws BACKUP_INVALID, BACKUP_FILE_NOT_FOUND, BACKUP_FILE_NOT_REGULAR */
  openFile(id: string, path: string): Promise<OpenedFile>;
  /** Deletes the archive and what is remembered of it. A second file with the same id stays, and is the backup from then on. */
  remove(id: string): Promise<void>;
  recordVerification(backup: StoredBackup, record: VerificationRecord): Promise<void>;
  /** Bytes that may still be written where the backups are. @throws DomainError IO_ERROR, PERMISSION_DENIED */
  freeBytes(): Promise<number>;
  /** Where the archive of a new backup belongs. */
  archivePath(id: string): string;
}
