import { type ArchiveReader, linkStaysInside, manifestEntries } from '@pawvault/archive';
import { MANIFEST_NAME, moduleOf } from '@pawvault/contracts';
import type { Owner } from '@pawvault/durable-fs';
import { parseMtime } from '../../verify/manifest-facts';

/** A symbolic link of the new kind: the manifest says where it leads, an entry of the same name may hold the content of its target. */
export interface RecordedLink {
  name: string;
  target: string;
  mtimeMs: number;
  /** It leads out of its module. */
  isOutward: boolean;
}

/** What the manifest of an archive knows beyond the zip directory; empty for an archive without one. */
export class ManifestRecords {
  /** sha256 per entry name. */
  readonly hashes = new Map<string, Buffer>();
  readonly links: RecordedLink[] = [];
  /** By entry name, only where the owner differs from that of the directory above. */
  readonly owners = new Map<string, Owner>();

  linksBelow(prefix: string): RecordedLink[] {
    return this.links.filter(({ name }) => name.startsWith(prefix));
  }
}

/** Reads the records with one of the prefixes. @throws DomainError ARCHIVE_MANIFEST_INVALID */
export async function readManifestRecords(
  reader: ArchiveReader,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<ManifestRecords> {
  const records = new ManifestRecords();
  if (reader.get(MANIFEST_NAME) === undefined || prefixes.length === 0) return records;
  for await (const { path, sha256, target, type, mtime, uid, gid } of manifestEntries(reader)) {
    signal.throwIfAborted();
    if (!prefixes.some((prefix) => path.startsWith(prefix))) continue;
    if (sha256 !== undefined) records.hashes.set(path, Buffer.from(sha256, 'hex'));
    if (uid !== undefined && gid !== undefined) records.owners.set(path, { uid, gid });
    // A link of an earlier version is an entry of its own kind, whose content is the target.
    if (type !== 'symlink' || target === undefined || reader.get(path)?.type === 'symlink') continue;
    const isOutward = !linkStaysInside(moduleOf(path)?.path ?? '', target);
    records.links.push({ name: path, target, mtimeMs: parseMtime(mtime), isOutward });
  }
  return records;
}
