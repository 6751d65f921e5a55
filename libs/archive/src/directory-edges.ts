import type { FileHandle } from 'node:fs/promises';
import { MANIFEST_NAME, META_NAME } from '@pawvault/contracts';
import type { ArchiveLimits } from './limits';
import { type DirectoryLocation, readExactly } from './zip-directory';
import { parseCentralRecord, refuse, type ZipEntry } from './zip-entry';
import { CENTRAL_BYTES, CENTRAL_SIGNATURE } from './zip-format';

/** Room for the records of manifest.json and meta.json at the end of the directory, or of meta.json at its start. */
const EDGE_BYTES = 1024;

/** What a listing needs of a directory. */
export interface FoundMeta {
  meta: ZipEntry;
  manifest: ZipEntry | null;
}

/** meta.json and manifest.json at the end of the directory, or meta.json at its start; null when neither is there. */
export async function atEdges(
  handle: FileHandle,
  location: DirectoryLocation,
  limits: ArchiveLimits,
): Promise<FoundMeta | null> {
  const tailSize = Math.min(EDGE_BYTES, location.size);
  const tail = await readExactly(handle, location.offset + location.size - tailSize, tailSize);
  const last = lastRecords(tail, limits);
  const meta = last.find((entry) => entry.name === META_NAME);
  if (meta !== undefined) return { meta, manifest: last.find((entry) => entry.name === MANIFEST_NAME) ?? null };
  const first = await firstRecord(handle, location, limits);
  // Archives with meta.json in front are QwenPaw's, which has no manifest.
  return first?.name === META_NAME ? { meta: first, manifest: null } : null;
}

/** The records that end exactly with the directory, found by their names because records cannot be walked backwards. */
function lastRecords(tail: Buffer, limits: ArchiveLimits): ZipEntry[] {
  for (const name of [MANIFEST_NAME, META_NAME]) {
    const at = tail.lastIndexOf(name) - CENTRAL_BYTES;
    const records = at >= 0 ? recordsFrom(tail, at, limits) : null;
    if (records !== null) return records;
  }
  return [];
}

function recordsFrom(tail: Buffer, start: number, limits: ArchiveLimits): ZipEntry[] | null {
  const records: ZipEntry[] = [];
  try {
    for (let at = start; at < tail.length;) {
      const { entry, end } = parseCentralRecord(tail, at, limits);
      records.push(entry);
      at = end;
    }
    return records;
  } catch {
    // Not a record boundary after all: the caller falls back to reading the whole directory.
    return null;
  }
}

async function firstRecord(
  handle: FileHandle,
  location: DirectoryLocation,
  limits: ArchiveLimits,
): Promise<ZipEntry | null> {
  const head = await readExactly(handle, location.offset, Math.min(EDGE_BYTES, location.size));
  if (head.length < CENTRAL_BYTES || head.readUInt32LE(0) !== CENTRAL_SIGNATURE) return null;
  return recordsFrom(head.subarray(0, recordLength(head)), 0, limits)?.[0] ?? null;
}

const recordLength = (head: Buffer): number =>
  CENTRAL_BYTES + head.readUInt16LE(28) + head.readUInt16LE(30) + head.readUInt16LE(32);

/**
 * A look at the edges must see the very entries that the whole directory has: records that hide in a comment at its end would show a
 * listing another archive than the one that is restored.
 * @param entries of the whole directory
 * @throws DomainError ARCHIVE_DIRECTORY_AMBIGUOUS
 */
export async function assertSameAtEdges(
  handle: FileHandle,
  location: DirectoryLocation,
  against: { entries: readonly ZipEntry[]; limits: ArchiveLimits },
): Promise<void> {
  const found = await atEdges(handle, location, against.limits);
  for (const edge of [found?.meta, found?.manifest]) {
    const entry = against.entries.find(({ name }) => name === edge?.name);
    if (edge && edge.offset !== entry?.offset) throw refuse('ARCHIVE_DIRECTORY_AMBIGUOUS', edge.name);
  }
}
