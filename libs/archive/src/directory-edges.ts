import type { FileHandle } from 'node:fs/promises';
import { MANIFEST_NAME, META_NAME } from '@pawvault/contracts';
import type { ArchiveLimits } from './limits';
import { type DirectoryLocation, readExactly } from './zip-directory';
import { parseCentralRecord, type ZipEntry } from './zip-entry';
import { CENTRAL_BYTES, CENTRAL_SIGNATURE } from './zip-format';

/** Room for the records of manifest.json and meta.json at the end of the directory, or of meta.json at its start. */
const EDGE_BYTES = 1024;

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

/** The record at the start of the directory; null when it cannot be read. */
export async function firstRecord(
  handle: FileHandle,
  location: DirectoryLocation,
  limits: ArchiveLimits,
): Promise<ZipEntry | null> {
  const head = await readExactly(handle, location.offset, Math.min(EDGE_BYTES, location.size));
  if (head.length < CENTRAL_BYTES || head.readUInt32LE(0) !== CENTRAL_SIGNATURE) return null;
  return recordsFrom(head.subarray(0, recordLength(head, 0)), 0, limits)?.[0] ?? null;
}

/** Of the record at `at`, as its fixed part tells. */
export const recordLength = (bytes: Buffer, at: number): number =>
  CENTRAL_BYTES + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
