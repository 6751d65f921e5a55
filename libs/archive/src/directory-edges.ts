import type { FileHandle } from 'node:fs/promises';
import { MANIFEST_NAME, META_NAME } from '@pawvault/contracts';
import type { ArchiveLimits } from './limits';
import { assertWithin, type DirectoryLocation, readExactly } from './zip-directory';
import { parseCentralRecord, refuse, type ZipEntry } from './zip-entry';
import { CENTRAL_BYTES, CENTRAL_SIGNATURE } from './zip-format';

/** Room for the records of manifest.json and meta.json at the end of the directory, or of meta.json at its start. */
const EDGE_BYTES = 1024;
const HOP_BYTES = 1 << 20;

/** What a listing needs of a directory. */
export interface FoundMeta {
  meta: ZipEntry;
  manifest: ZipEntry | null;
}

/** `at` is where the first of the records that were found begins, as an offset in the file. */
export type FoundAtEdge = FoundMeta & { at: number };

/** meta.json and manifest.json at the end of the directory, or meta.json at its start; null when neither is there. */
export async function atEdges(
  handle: FileHandle,
  location: DirectoryLocation,
  limits: ArchiveLimits,
): Promise<FoundAtEdge | null> {
  const tailSize = Math.min(EDGE_BYTES, location.size);
  const tailAt = location.offset + location.size - tailSize;
  const tail = await readExactly(handle, tailAt, tailSize);
  const { start, records } = lastRecords(tail, limits);
  const meta = records.find((entry) => entry.name === META_NAME);
  const manifest = records.find((entry) => entry.name === MANIFEST_NAME) ?? null;
  if (meta !== undefined) return { meta, manifest, at: tailAt + start };
  const first = await firstRecord(handle, location, limits);
  // Archives with meta.json in front are QwenPaw's, which has no manifest.
  return first?.name === META_NAME ? { meta: first, manifest: null, at: location.offset } : null;
}

/** The records that end exactly with the directory, found by their names because records cannot be walked backwards. */
function lastRecords(tail: Buffer, limits: ArchiveLimits): { start: number; records: ZipEntry[] } {
  for (const name of [MANIFEST_NAME, META_NAME]) {
    const start = tail.lastIndexOf(name) - CENTRAL_BYTES;
    const records = start >= 0 ? recordsFrom(tail, start, limits) : null;
    if (records !== null) return { start, records };
  }
  return { start: 0, records: [] };
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
  return recordsFrom(head.subarray(0, recordLength(head, 0)), 0, limits)?.[0] ?? null;
}

const recordLength = (bytes: Buffer, at: number): number =>
  CENTRAL_BYTES + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);

/**
 * Proves that what was found at the edges are records of the directory, and no bytes of a comment that look like some. Hops from record to
 * record, which takes next to nothing beside reading them.
 * @throws DomainError ARCHIVE_DIRECTORY_AMBIGUOUS, ARCHIVE_LIMIT_EXCEEDED
 */
export async function assertRecordAt(
  handle: FileHandle,
  location: DirectoryLocation,
  { at, limits }: { at: number; limits: ArchiveLimits },
): Promise<void> {
  assertWithin(location, limits);
  const end = location.offset + location.size;
  let position = location.offset;
  while (position < at) {
    const bytes = await readExactly(handle, position, Math.min(HOP_BYTES, end - position));
    const hopped = hop(bytes, at - position);
    if (hopped === 0) throw refuse('ARCHIVE_DIRECTORY_AMBIGUOUS', META_NAME);
    position += hopped;
  }
  if (position !== at) throw refuse('ARCHIVE_DIRECTORY_AMBIGUOUS', META_NAME);
}

/** @returns how far whole records reach, up to the first that ends at or behind `until` */
function hop(bytes: Buffer, until: number): number {
  let at = 0;
  while (at < until && at + CENTRAL_BYTES <= bytes.length && bytes.readUInt32LE(at) === CENTRAL_SIGNATURE)
    at += recordLength(bytes, at);
  return at;
}

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
