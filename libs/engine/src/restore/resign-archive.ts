import {
  archiveSignature,
  type ArchiveReader,
  copyWithMeta,
  editMeta,
  ensureSigningKey,
  parseMeta,
  type RewindableHmac,
  startArchiveSignature,
} from '@pawvault/archive';
import { DomainError, META_NAME } from '@pawvault/contracts';
import type { EngineDeps } from '../engine';
import { signManifest } from '../sign-manifest';

/** An archive of another installation on its way to being signed with the local key. */
export interface Resigning {
  /** To be fed with all content, while it is proven for another purpose anyway. */
  signature: RewindableHmac;
  /**
   * Writes the archive anew, entries copied raw.
   * @param target must not exist
   */
  write(target: string, signal: AbortSignal): Promise<void>;
}

/** Begins to sign an archive that the user has accepted; `accepted_via_trust` is part of what is signed. */
export async function beginResigning(deps: EngineDeps, reader: ArchiveReader): Promise<Resigning> {
  const entry = reader.get(META_NAME);
  if (entry === undefined) throw new DomainError('ARCHIVE_META_MISSING');
  const old = await reader.read(entry, deps.limits.maxMetaBytes);
  const edited = editMeta(old, { accepted_via_trust: true });
  const { canonical } = parseMeta(edited);
  const key = await ensureSigningKey(deps.directories.backup_dir);
  const signature = startArchiveSignature(key, canonical);
  return {
    signature,
    async write(target, signal) {
      const manifest = await signManifest(reader, { key, canonical });
      const meta = editMeta(edited, { signature: archiveSignature(signature), manifest_signature: manifest });
      await copyWithMeta(reader, target, { meta, mtimeMs: entry.mtimeMs, signal, onBytes: () => undefined });
    },
  };
}
