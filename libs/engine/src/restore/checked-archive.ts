import { type ArchiveReader, loadSigningKey, manifestSignatureState, type SignedMeta } from '@pawvault/archive';
import { DomainError, META_VERSION, type RestorePayload, type TrustState } from '@pawvault/contracts';
import { openBackup, type StoredBackup } from '@pawvault/store';
import type { EngineDeps } from '../engine';
import { decideTrust } from './plan/trust-decision';

/** An open archive that may be restored as far as can be told without reading its content. */
export interface CheckedArchive {
  backup: StoredBackup;
  reader: ArchiveReader;
  meta: SignedMeta;
  key: Buffer | null;
  trust: TrustState;
}

/** @throws DomainError BACKUP_NOT_FOUND, BACKUP_INVALID, ARCHIVE_VERSION_UNSUPPORTED and the codes of trust */
export async function openChecked(
  deps: EngineDeps,
  payload: Pick<RestorePayload, 'backup_id' | 'trust_mode'>,
): Promise<CheckedArchive> {
  const backup = await deps.store.find(payload.backup_id);
  const reader = await openBackup(backup, deps.limits);
  try {
    const meta = await reader.meta(deps.limits);
    if (meta.version !== META_VERSION)
      throw new DomainError('ARCHIVE_VERSION_UNSUPPORTED', undefined, { version: meta.version });
    const key = await loadSigningKey(deps.directories.backup_dir);
    const trust = await manifestSignatureState(reader, meta, key);
    decideTrust(trust, payload.trust_mode);
    return { backup, reader, meta, key, trust };
  } catch (error) {
    await reader.close();
    throw error;
  }
}
