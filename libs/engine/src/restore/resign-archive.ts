import { join } from 'node:path';
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
import { replaceFile } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import { signManifest } from '../sign-manifest';

/** An archive of another installation on its way to being signed with the local key. */
export interface Resigning {
  /** To be fed with all content, while it is proven for another purpose anyway. */
  signature: RewindableHmac;
  /**
   * Writes the archive anew, entries copied raw.
   * @param reader of the same bytes that the signature was fed with
   * @param target must not exist
   */
  write(reader: ArchiveReader, target: string, options: WriteOptions): Promise<void>;
  /** The same, and replaces the file in one step. */
  publish(target: string, options: { workDir: string; signal: AbortSignal }): Promise<void>;
}

export interface WriteOptions {
  signal: AbortSignal;
  /** Raw bytes copied so far have grown by this many. */
  onBytes: (bytes: number) => void;
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
  const write = async (source: ArchiveReader, target: string, options: WriteOptions): Promise<void> => {
    const manifest = await signManifest(source, { key, canonical });
    const meta = editMeta(edited, { signature: archiveSignature(signature), manifest_signature: manifest });
    await copyWithMeta(source, target, { meta, mtimeMs: entry.mtimeMs, ...options });
  };
  return {
    signature,
    write,
    async publish(target, { workDir, signal }) {
      const copy = join(workDir, 'resigned.tmp');
      await write(reader, copy, { signal, onBytes: () => undefined });
      await replaceFile(copy, target);
    },
  };
}
