/**
 * Byte layout of the zip records that PawVault writes and reads (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5).
 * All numbers are little-endian. Only store (0) and deflate (8) exist here.
 */
export const LOCAL_SIGNATURE = 0x04034b50;
export const CENTRAL_SIGNATURE = 0x02014b50;
export const END_SIGNATURE = 0x06054b50;
export const ZIP64_END_SIGNATURE = 0x06064b50;
export const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
export const DESCRIPTOR_SIGNATURE = 0x08074b50;

export const LOCAL_BYTES = 30;
export const CENTRAL_BYTES = 46;
export const END_BYTES = 22;
export const ZIP64_END_BYTES = 56;
export const ZIP64_LOCATOR_BYTES = 20;

export const STORE = 0;
export const DEFLATE = 8;
export type Method = typeof STORE | typeof DEFLATE;

export const FLAG_ENCRYPTED = 0x0001;
export const FLAG_DESCRIPTOR = 0x0008;
/** Patch data in place of content (APPNOTE 4.4.4, bit 5). */
export const FLAG_PATCHED = 0x0020;
export const FLAG_STRONG_ENCRYPTION = 0x0040;
export const FLAG_UTF8 = 0x0800;
export const FLAG_MASKED = 0x2000;

/** The latest version of the format that an entry can ask for: 6.3 (APPNOTE 4.4.3.2). Python's zipfile refuses more, too. */
export const MAX_VERSION_NEEDED = 63;

export const MAX_U16 = 0xffff;
export const MAX_U32 = 0xffffffff;

export const EXTRA_ZIP64 = 0x0001;
export const EXTRA_TIMESTAMP = 0x5455;
export const EXTRA_UNICODE_PATH = 0x7075;

export const HOST_UNIX = 3;
export const HOST_MACOS = 19;

export const S_IFMT = 0o170000;
export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;
const DOS_DIRECTORY = 0x10;

/** What both headers of an entry say. `unixMode` carries the type bits; `mtimeMs` is milliseconds since 1970. */
export interface EntryHeader {
  name: Buffer;
  method: Method;
  crc32: number;
  size: number;
  compressedSize: number;
  unixMode: number;
  mtimeMs: number;
}

/** True when an entry of this size needs zip64 fields for certain or may come to need them. */
export const needsZip64 = (size: number, compressedSize: number): boolean =>
  size >= MAX_U32 || compressedSize >= MAX_U32;

/** Files of one directory often share a second, and each time is asked for twice. */
let lastDosTime = { second: Number.NaN, value: 0 };

/** MS-DOS date and time, UTC, clamped to 1980–2107; the extended timestamp carries what is outside. */
export function dosDateTime(mtimeMs: number): number {
  const second = Math.floor(mtimeMs / 1000);
  if (lastDosTime.second !== second) lastDosTime = { second, value: toDosDateTime(mtimeMs) };
  return lastDosTime.value;
}

function toDosDateTime(mtimeMs: number): number {
  const at = new Date(Math.min(Math.max(mtimeMs, Date.UTC(1980, 0, 1)), Date.UTC(2107, 11, 31, 23, 59, 58)));
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return ((date << 16) | time) >>> 0;
}

/** Year, month from 0, day, hour, minute and second, as the constructor of Date and `Date.UTC` take them. */
export function dosFields(dosDateTime: number): [number, number, number, number, number, number] {
  const date = dosDateTime >>> 16;
  const time = dosDateTime & MAX_U16;
  return [1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31, time >> 11, (time >> 5) & 63, (time & 31) * 2];
}

/** Extended timestamp with the modification time only; nothing when it does not fit a signed 32-bit second. */
function timestampExtra(mtimeMs: number): Buffer {
  const seconds = Math.floor(mtimeMs / 1000);
  if (seconds < -0x80000000 || seconds > 0x7fffffff) return Buffer.alloc(0);
  const extra = Buffer.allocUnsafe(9);
  extra.writeUInt16LE(EXTRA_TIMESTAMP, 0);
  extra.writeUInt16LE(5, 2);
  extra.writeUInt8(1, 4);
  extra.writeInt32LE(seconds, 5);
  return extra;
}

function zip64Extra(values: number[]): Buffer {
  const extra = Buffer.allocUnsafe(4 + values.length * 8);
  extra.writeUInt16LE(EXTRA_ZIP64, 0);
  extra.writeUInt16LE(values.length * 8, 2);
  values.forEach((value, i) => extra.writeBigUInt64LE(BigInt(value), 4 + i * 8));
  return extra;
}

/**
 * @param zip64 reserve the 64-bit sizes, for an entry whose header is written before its sizes are known
 */
export function encodeLocalHeader(header: EntryHeader, options: { zip64: boolean }): Buffer {
  const extra = options.zip64 ? zip64Extra([header.size, header.compressedSize]) : Buffer.alloc(0);
  const timestamp = timestampExtra(header.mtimeMs);
  const record = Buffer.allocUnsafe(LOCAL_BYTES);
  record.writeUInt32LE(LOCAL_SIGNATURE, 0);
  record.writeUInt16LE(options.zip64 ? 45 : 20, 4);
  record.writeUInt16LE(FLAG_UTF8, 6);
  record.writeUInt16LE(header.method, 8);
  record.writeUInt32LE(dosDateTime(header.mtimeMs), 10);
  record.writeUInt32LE(header.crc32, 14);
  record.writeUInt32LE(options.zip64 ? MAX_U32 : header.compressedSize, 18);
  record.writeUInt32LE(options.zip64 ? MAX_U32 : header.size, 22);
  record.writeUInt16LE(header.name.length, 26);
  record.writeUInt16LE(extra.length + timestamp.length, 28);
  return Buffer.concat([record, header.name, extra, timestamp]);
}

/** @param options.zip64 as in the local header, so that both say the same @param offset of the local header in the file */
export function encodeCentralRecord(header: EntryHeader, options: { zip64: boolean; offset: number }): Buffer {
  const far = options.offset >= MAX_U32;
  const wide = [...(options.zip64 ? [header.size, header.compressedSize] : []), ...(far ? [options.offset] : [])];
  const extra = wide.length > 0 ? zip64Extra(wide) : Buffer.alloc(0);
  const timestamp = timestampExtra(header.mtimeMs);
  const directory = (header.unixMode & S_IFMT) === S_IFDIR;
  const record = Buffer.alloc(CENTRAL_BYTES);
  record.writeUInt32LE(CENTRAL_SIGNATURE, 0);
  record.writeUInt16LE((HOST_UNIX << 8) | 45, 4);
  record.writeUInt16LE(options.zip64 || far ? 45 : 20, 6);
  record.writeUInt16LE(FLAG_UTF8, 8);
  record.writeUInt16LE(header.method, 10);
  record.writeUInt32LE(dosDateTime(header.mtimeMs), 12);
  record.writeUInt32LE(header.crc32, 16);
  record.writeUInt32LE(options.zip64 ? MAX_U32 : header.compressedSize, 20);
  record.writeUInt32LE(options.zip64 ? MAX_U32 : header.size, 24);
  record.writeUInt16LE(header.name.length, 28);
  record.writeUInt16LE(extra.length + timestamp.length, 30);
  record.writeUInt32LE(((header.unixMode << 16) | (directory ? DOS_DIRECTORY : 0)) >>> 0, 38);
  record.writeUInt32LE(far ? MAX_U32 : options.offset, 42);
  return Buffer.concat([record, header.name, extra, timestamp]);
}

/**
 * Moves a central record by `base` bytes, which may be negative. Threads encode records relative to their own batch, and copies leave
 * entries out; where a record lands is known only to the writer.
 */
export function relocateCentralRecord(record: Buffer, base: number): Buffer {
  const slot = offsetSlot(record);
  const offset = base + recordedOffset(record);
  if (slot !== null) record.writeBigUInt64LE(BigInt(offset), slot);
  else if (offset < MAX_U32) record.writeUInt32LE(offset, 42);
  else return widenOffset(record, offset);
  return record;
}

/** The offset of the local header, as a central record says. */
export function recordedOffset(record: Buffer): number {
  const slot = offsetSlot(record);
  return slot === null ? record.readUInt32LE(42) : Number(record.readBigUInt64LE(slot));
}

/** Where the 64-bit offset of a record stands, or null when the 32-bit field holds it. It follows the sizes that are 64-bit as well. */
function offsetSlot(record: Buffer): number | null {
  if (record.readUInt32LE(42) !== MAX_U32) return null;
  const before = [20, 24].filter((field) => record.readUInt32LE(field) === MAX_U32).length;
  const extraEnd = CENTRAL_BYTES + record.readUInt16LE(28) + record.readUInt16LE(30);
  for (let at = CENTRAL_BYTES + record.readUInt16LE(28); at + 4 <= extraEnd; at += 4 + record.readUInt16LE(at + 2)) {
    if (record.readUInt16LE(at) === EXTRA_ZIP64) return at + 4 + before * 8;
  }
  throw new RangeError('a zip64 record without its extra field');
}

/** Only for records of this writer, whose zip64 field comes first. */
function widenOffset(record: Buffer, offset: number): Buffer {
  const nameEnd = CENTRAL_BYTES + record.readUInt16LE(28);
  const extra = record.subarray(nameEnd);
  const hasZip64 = extra.length >= 4 && extra.readUInt16LE(0) === EXTRA_ZIP64;
  const sizes = hasZip64 ? [Number(extra.readBigUInt64LE(4)), Number(extra.readBigUInt64LE(12))] : [];
  const wide = zip64Extra([...sizes, offset]);
  const rest = extra.subarray(hasZip64 ? 4 + extra.readUInt16LE(2) : 0);
  const head = Buffer.from(record.subarray(0, nameEnd));
  head.writeUInt16LE(wide.length + rest.length, 30);
  head.writeUInt16LE(45, 6);
  head.writeUInt32LE(MAX_U32, 42);
  return Buffer.concat([head, wide, rest]);
}

/** The closing records: zip64 end and locator where a count, size or offset needs them, then the classic end record. */
export function encodeEnd(end: { count: number; directorySize: number; directoryOffset: number }): Buffer {
  const { count, directorySize, directoryOffset } = end;
  const classic = Buffer.alloc(END_BYTES);
  classic.writeUInt32LE(END_SIGNATURE, 0);
  classic.writeUInt16LE(Math.min(count, MAX_U16), 8);
  classic.writeUInt16LE(Math.min(count, MAX_U16), 10);
  classic.writeUInt32LE(Math.min(directorySize, MAX_U32), 12);
  classic.writeUInt32LE(Math.min(directoryOffset, MAX_U32), 16);
  if (count < MAX_U16 && directorySize < MAX_U32 && directoryOffset < MAX_U32) return classic;
  return Buffer.concat([encodeZip64End(end), classic]);
}

function encodeZip64End(end: { count: number; directorySize: number; directoryOffset: number }): Buffer {
  const record = Buffer.alloc(ZIP64_END_BYTES + ZIP64_LOCATOR_BYTES);
  record.writeUInt32LE(ZIP64_END_SIGNATURE, 0);
  record.writeBigUInt64LE(BigInt(ZIP64_END_BYTES - 12), 4);
  record.writeUInt16LE((HOST_UNIX << 8) | 45, 12);
  record.writeUInt16LE(45, 14);
  record.writeBigUInt64LE(BigInt(end.count), 24);
  record.writeBigUInt64LE(BigInt(end.count), 32);
  record.writeBigUInt64LE(BigInt(end.directorySize), 40);
  record.writeBigUInt64LE(BigInt(end.directoryOffset), 48);
  record.writeUInt32LE(ZIP64_LOCATOR_SIGNATURE, ZIP64_END_BYTES);
  record.writeBigUInt64LE(BigInt(end.directoryOffset + end.directorySize), ZIP64_END_BYTES + 8);
  record.writeUInt32LE(1, ZIP64_END_BYTES + 16);
  return record;
}
