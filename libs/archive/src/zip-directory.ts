import type { FileHandle } from 'node:fs/promises';
import type { ArchiveLimits } from './limits';
import { MAX_DESCRIPTOR_BYTES, MAX_LOCAL_BYTES } from './local-header';
import { checkNames, sortByName } from './name-order';
import { parseCentralRecord, refuse, type ZipEntry } from './zip-entry';
import {
  CENTRAL_BYTES,
  END_BYTES,
  LOCAL_BYTES,
  MAX_U16,
  MAX_U32,
  ZIP64_END_BYTES,
  ZIP64_END_SIGNATURE,
  ZIP64_LOCATOR_BYTES,
  ZIP64_LOCATOR_SIGNATURE,
} from './zip-format';

/** Where the zip directory stands, from the closing records. Offsets are in bytes from the start of the file. */
export interface DirectoryLocation {
  count: number;
  offset: number;
  size: number;
}

const CHUNK_BYTES = 1 << 20;
/** A record is at most this long: fixed part plus three 16-bit lengths. */
const MAX_RECORD_BYTES = CENTRAL_BYTES + 3 * MAX_U16;

export async function readExactly(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) throw refuse('ARCHIVE_NOT_ZIP', null, { reason: 'the file ends early' });
    done += bytesRead;
  }
  return buffer;
}

/**
 * Finds the end of central directory. The last signature in the file must be the record, and no other place may pass for it:
 * readers that search differently would otherwise see different archives in the same bytes.
 * @throws DomainError ARCHIVE_NOT_ZIP, ARCHIVE_DIRECTORY_AMBIGUOUS, ARCHIVE_DIRECTORY_INVALID, ARCHIVE_ZIP64_INVALID
 */
export async function locateDirectory(handle: FileHandle, fileSize: number): Promise<DirectoryLocation> {
  const tailSize = Math.min(fileSize, END_BYTES + MAX_U16 + ZIP64_LOCATOR_BYTES + ZIP64_END_BYTES);
  if (tailSize < END_BYTES) throw refuse('ARCHIVE_NOT_ZIP', null);
  const tail = await readExactly(handle, fileSize - tailSize, tailSize);
  const at = findEnd(tail);
  const classic = readEnd(tail.subarray(at));
  const endOffset = fileSize - tailSize + at;
  const wide = await readZip64(handle, tail, { at, endOffset });
  const location = wide === null ? classic : mergeZip64(classic, wide);
  const directoryEnd = wide === null ? endOffset : wide.recordOffset;
  const plausible = location.offset + location.size === directoryEnd && location.count * CENTRAL_BYTES <= location.size;
  if (!plausible)
    throw refuse('ARCHIVE_DIRECTORY_INVALID', null, { reason: 'counts, sizes and offsets contradict each other' });
  return location;
}

function findEnd(tail: Buffer): number {
  const signature = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
  let last = -1;
  let exact = 0;
  // Where fewer bytes are left than a record has, nobody can take them for one: they are a number or text that looks alike.
  const lastStart = tail.length - END_BYTES;
  for (let at = tail.indexOf(signature); at !== -1 && at <= lastStart; at = tail.indexOf(signature, at + 1)) {
    last = at;
    if (endsFile(tail, at)) exact += 1;
  }
  if (last === -1) throw refuse('ARCHIVE_NOT_ZIP', null);
  if (endsBeyond(tail, last)) throw refuse('ARCHIVE_NOT_ZIP', null, { reason: 'the file ends early' });
  if (exact !== 1 || !endsFile(tail, last)) throw refuse('ARCHIVE_DIRECTORY_AMBIGUOUS', null);
  return last;
}

/** True when a record at `at` has a comment that ends exactly with the file: nothing trails behind. */
const endsFile = (tail: Buffer, at: number): boolean => at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length;

/** True when the comment was cut off. */
const endsBeyond = (tail: Buffer, at: number): boolean => at + END_BYTES + tail.readUInt16LE(at + 20) > tail.length;

function readEnd(record: Buffer): DirectoryLocation {
  const onThisDisk = record.readUInt16LE(8);
  const count = record.readUInt16LE(10);
  const disks = record.readUInt16LE(4) === record.readUInt16LE(6) && [0, MAX_U16].includes(record.readUInt16LE(4));
  if (!disks || onThisDisk !== count) throw refuse('ARCHIVE_DIRECTORY_INVALID', null, { reason: 'multi-disk archive' });
  return { count, size: record.readUInt32LE(12), offset: record.readUInt32LE(16) };
}

type Zip64End = DirectoryLocation & { recordOffset: number };

async function readZip64(
  handle: FileHandle,
  tail: Buffer,
  end: { at: number; endOffset: number },
): Promise<Zip64End | null> {
  const locatorAt = end.at - ZIP64_LOCATOR_BYTES;
  if (locatorAt < 0 || tail.readUInt32LE(locatorAt) !== ZIP64_LOCATOR_SIGNATURE) return null;
  const locator = tail.subarray(locatorAt, end.at);
  const recordOffset = toSafe(locator.readBigUInt64LE(8));
  const locatorOffset = end.endOffset - ZIP64_LOCATOR_BYTES;
  const reachable = recordOffset + ZIP64_END_BYTES <= locatorOffset;
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) > 1 || !reachable)
    throw refuse('ARCHIVE_ZIP64_INVALID', null);
  const record = await readExactly(handle, recordOffset, ZIP64_END_BYTES);
  const size = toSafe(record.readBigUInt64LE(4));
  const count = toSafe(record.readBigUInt64LE(32));
  const sound =
    record.readUInt32LE(0) === ZIP64_END_SIGNATURE &&
    recordOffset + 12 + size === locatorOffset &&
    record.readUInt32LE(16) === 0 &&
    record.readUInt32LE(20) === 0 &&
    toSafe(record.readBigUInt64LE(24)) === count;
  if (!sound) throw refuse('ARCHIVE_ZIP64_INVALID', null);
  return { count, size: toSafe(record.readBigUInt64LE(40)), offset: toSafe(record.readBigUInt64LE(48)), recordOffset };
}

/** A classic field that is not at its maximum must say the same as the zip64 record. */
function mergeZip64(classic: DirectoryLocation, wide: Zip64End): DirectoryLocation {
  const agree =
    (classic.count === MAX_U16 || classic.count === wide.count) &&
    (classic.size === MAX_U32 || classic.size === wide.size) &&
    (classic.offset === MAX_U32 || classic.offset === wide.offset);
  if (!agree) throw refuse('ARCHIVE_ZIP64_INVALID', null);
  return { count: wide.count, size: wide.size, offset: wide.offset };
}

function toSafe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw refuse('ARCHIVE_ZIP64_INVALID', null);
  return Number(value);
}

/** Records of one piece of the directory; `start` and `end` are where each stands in `bytes`. */
export interface DirectoryPiece {
  bytes: Buffer;
  records: { entry: ZipEntry; start: number; end: number }[];
}

/**
 * Walks the directory in bounded memory. The entries are plausible one by one; nothing is known of how they go together.
 * @throws DomainError as `parseCentralRecord`; ARCHIVE_LIMIT_EXCEEDED, ARCHIVE_DIRECTORY_INVALID
 */
export async function* directoryPieces(
  handle: FileHandle,
  location: DirectoryLocation,
  limits: ArchiveLimits,
): AsyncGenerator<DirectoryPiece> {
  assertWithin(location, limits);
  const end = location.offset + location.size;
  let position = location.offset;
  let left = location.count;
  while (left > 0) {
    const bytes = await readExactly(handle, position, Math.min(CHUNK_BYTES + MAX_RECORD_BYTES, end - position));
    const until = position + bytes.length === end ? bytes.length : CHUNK_BYTES;
    const records = parsePiece(bytes, { until, most: left, limits });
    position += records.at(-1)?.end ?? 0;
    left -= records.length;
    yield { bytes, records };
  }
  if (position !== end) throw refuse('ARCHIVE_DIRECTORY_INVALID', null, { reason: 'bytes behind the last record' });
}

/** @throws DomainError ARCHIVE_LIMIT_EXCEEDED */
export function assertWithin({ count, size }: DirectoryLocation, limits: ArchiveLimits): void {
  if (count > limits.maxEntries)
    throw refuse('ARCHIVE_LIMIT_EXCEEDED', null, { limit: 'PAWVAULT_LIMIT_ENTRIES', entries: count });
  if (size > limits.maxDirectoryBytes)
    throw refuse('ARCHIVE_LIMIT_EXCEEDED', null, { limit: 'PAWVAULT_LIMIT_DIRECTORY_BYTES', bytes: size });
}

/** The records that begin before `until`, but no more than there have to be; at least one. */
function parsePiece(
  bytes: Buffer,
  { until, most, limits }: { until: number; most: number; limits: ArchiveLimits },
): DirectoryPiece['records'] {
  const records: DirectoryPiece['records'] = [];
  for (let start = 0; records.length < most && (start < until || records.length === 0);) {
    const { entry, end } = parseCentralRecord(bytes, start, limits);
    records.push({ entry, start, end });
    start = end;
  }
  return records;
}

/**
 * Reads and checks the whole directory.
 * @returns the entries sorted by name in code-point order
 */
export async function readDirectory(
  handle: FileHandle,
  location: DirectoryLocation,
  limits: ArchiveLimits,
): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  let total = 0;
  for await (const { records } of directoryPieces(handle, location, limits)) {
    for (const { entry } of records) {
      entries.push(entry);
      total += entry.size;
    }
    if (total > limits.maxTotalBytes)
      throw refuse('ARCHIVE_LIMIT_EXCEEDED', null, { limit: 'PAWVAULT_LIMIT_TOTAL_BYTES', bytes: total });
  }
  checkIntervals(entries, location.offset);
  sortByName(entries);
  checkNames(entries);
  return entries;
}

/** Most that an entry is longer than its data, beyond the fixed part of its header. */
const MAX_EXTRA_BYTES = MAX_LOCAL_BYTES - LOCAL_BYTES + MAX_DESCRIPTOR_BYTES;

/**
 * Entries may not share bytes with each other or with the directory, a bomb's favourite trick; and the first begins with the file. How long their
 * local headers are is proven when they are read, and with it that each ends where the next begins.
 */
function checkIntervals(entries: readonly ZipEntry[], directoryOffset: number): void {
  const byOffset = [...entries].sort((a, b) => a.offset - b.offset);
  let foreign: string | null = null;
  byOffset.forEach((entry, i) => {
    entry.end = byOffset[i + 1]?.offset ?? directoryOffset;
    const left = entry.end - (entry.offset + LOCAL_BYTES + entry.compressedSize);
    if (left < 0) throw refuse('ARCHIVE_ENTRIES_OVERLAP', entry.name);
    if (left > MAX_EXTRA_BYTES) foreign ??= entry.name;
  });
  if ((byOffset[0]?.offset ?? directoryOffset) !== 0)
    throw refuse('ARCHIVE_FOREIGN_BYTES', null, { reason: 'the first entry does not begin with the file' });
  if (foreign !== null) throw refuse('ARCHIVE_FOREIGN_BYTES', foreign);
}
