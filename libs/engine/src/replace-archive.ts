import { DomainError } from '@pawvault/contracts';
import { replaceFile } from '@pawvault/durable-fs';
import { sameFingerprint, type StoredBackup } from '@pawvault/store';
import type { EngineDeps } from './engine';

/**
 * Puts a changed copy in the place of the archive that it was made from, in one step. An archive that was deleted meanwhile must not come
 * back, and one that an import has replaced must not be lost.
 * @param backup as it was when the copy was begun
 * @throws DomainError BACKUP_NOT_FOUND, BACKUP_IN_USE; then nothing has changed
 */
export async function replaceArchive(deps: EngineDeps, backup: StoredBackup, copy: string): Promise<void> {
  const now = await deps.store.find(backup.id);
  if (now.path !== backup.path || !sameFingerprint(now, backup))
    throw new DomainError('BACKUP_IN_USE', 'The archive was replaced while it was being worked on', { id: backup.id });
  await replaceFile(copy, backup.path);
}
