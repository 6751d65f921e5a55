import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { DomainError, type EntryType, type ErrorCode } from '@pawvault/contracts';
import { decodeCp437 } from './cp437';
import { assertEntryName } from './entry-name';
import type { ArchiveLimits } from './limits';
import {
  CENTRAL_BYTES,
  CENTRAL_SIGNATURE,
  DEFLATE,
  dosFields,
  EXTRA_TIMESTAMP,
  EXTRA_UNICODE_PATH,
  EXTRA_ZIP64,
  FLAG_ENCRYPTED,
  FLAG_MASKED,
  FLAG_PATCHED,
  FLAG_STRONG_ENCRYPTION,
  FLAG_UTF8,
  HOST_MACOS,
  HOST_UNIX,
  MAX_U16,
  MAX_U32,
  MAX_VERSION_NEEDED,
  type Method,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  STORE,
} from './zip-format';

/** One entry as the zip directory describes it; every field has been checked for plausibility, none has been proven by reading content. */
export interface ZipEntry {
  name: string;
  type: EntryType;
  size: number;
  compressedSize: number;
  method: Method;
  crc32: number;
  /** Permission bits (0–0o7777); null when the archive comes from a system without them. */
  mode: number | null;
  /** Milliseconds since 1970. A number and not a Date: there may be a million of them. */
  mtimeMs: number;
  /** Offset of the local header. */
  offset: number;
  /** First byte that belongs to something else: the next entry or the directory. Unbounded as long as the neighbours are not known. */
  end: number;
  flags: number;
  dosDateTime: number;
}

/** Most that deflate can expand: 1032 to 1, plus slack for tiny streams. */
const MAX_RATIO = 1032;

export function refuse(code: ErrorCode, entry: string | null, details: Record<string, unknown> = {}): DomainError {
  return new DomainError(code, undefined, { ...(entry === null ? {} : { entry }), ...details });
}

/**
 * Parses the central record at `at`.
 * @returns the entry and the offset behind the record
 * @throws DomainError ARCHIVE_DIRECTORY_INVALID, ARCHIVE_ENCRYPTED, ARCHIVE_METHOD_UNSUPPORTED, ARCHIVE_NAME_INVALID,
 *   ARCHIVE_ENTRY_ESCAPES, ARCHIVE_ENTRY_TYPE_UNSUPPORTED, ARCHIVE_ENTRY_SIZE_MISMATCH, ARCHIVE_LIMIT_EXCEEDED, ARCHIVE_ZIP64_INVALID
 */
export function parseCentralRecord(
  directory: Buffer,
  at: number,
  limits: ArchiveLimits,
): { entry: ZipEntry; end: number } {
  if (at + CENTRAL_BYTES > directory.length || directory.readUInt32LE(at) !== CENTRAL_SIGNATURE) {
    throw refuse('ARCHIVE_DIRECTORY_INVALID', null);
  }
  const nameEnd = at + CENTRAL_BYTES + directory.readUInt16LE(at + 28);
  const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
  const end = extraEnd + directory.readUInt16LE(at + 32);
  if (end > directory.length) throw refuse('ARCHIVE_DIRECTORY_INVALID', null);

  const record = directory.subarray(at, at + CENTRAL_BYTES);
  const flags = record.readUInt16LE(8);
  const extras = parseExtras(directory.subarray(nameEnd, extraEnd));
  const name = decodeName(directory.subarray(at + CENTRAL_BYTES, nameEnd), flags, extras);
  assertEntryName(name, limits);
  const sizes = readSizes(record, extras, name);
  const kind = readKind(record, name);
  const dosDateTime = record.readUInt32LE(12);
  const entry = {
    name,
    ...kind,
    ...sizes,
    method: readMethod(record, flags, name),
    crc32: record.readUInt32LE(16),
    mtimeMs: readMtime(dosDateTime, extras),
    end: Number.MAX_SAFE_INTEGER,
    flags,
    dosDateTime,
  };
  checkSizes(entry, limits);
  return { entry, end };
}

type Extras = Map<number, Buffer>;

/** Malformed extra fields are tolerated where nothing depends on them: several tools pad them. */
function parseExtras(bytes: Buffer): Extras {
  const extras: Extras = new Map();
  for (let at = 0; at + 4 <= bytes.length;) {
    const id = bytes.readUInt16LE(at);
    const length = bytes.readUInt16LE(at + 2);
    if (at + 4 + length > bytes.length) break;
    if (!extras.has(id)) extras.set(id, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return extras;
}

/** Bit 11 means UTF-8, else code page 437, unless Info-ZIP's Unicode path field belongs to exactly this name. */
export function decodeName(raw: Buffer, flags: number, extras: Extras = new Map()): string {
  if ((flags & FLAG_UTF8) !== 0) return decodeUtf8(raw);
  const unicode = extras.get(EXTRA_UNICODE_PATH);
  if (unicode !== undefined && unicode.length > 5 && unicode[0] === 1 && unicode.readUInt32LE(1) === crc32(raw)) {
    return decodeUtf8(unicode.subarray(5));
  }
  return decodeCp437(raw);
}

function decodeUtf8(raw: Buffer): string {
  if (isUtf8(raw)) return raw.toString('utf8');
  const details = { entry: raw.toString('latin1') };
  throw new DomainError('ARCHIVE_NAME_INVALID', 'The name of an entry is not valid UTF-8', details);
}

function readMethod(record: Buffer, flags: number, name: string): Method {
  if ((flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED)) !== 0) throw refuse('ARCHIVE_ENCRYPTED', name);
  const version = record.readUInt8(6);
  if (version > MAX_VERSION_NEEDED) throw refuse('ARCHIVE_DIRECTORY_INVALID', name, { version });
  const method = record.readUInt16LE(10);
  if ((method !== STORE && method !== DEFLATE) || (flags & FLAG_PATCHED) !== 0)
    throw refuse('ARCHIVE_METHOD_UNSUPPORTED', name, { method });
  return method;
}

/** Sizes and offset; a 32-bit field at its maximum moves to the zip64 extra field, in this fixed order (APPNOTE 4.5.3). */
function readSizes(
  record: Buffer,
  extras: Extras,
  name: string,
): { size: number; compressedSize: number; offset: number } {
  const wide = extras.get(EXTRA_ZIP64) ?? Buffer.alloc(0);
  let at = 0;
  const field = (short: number): number => {
    if (short !== MAX_U32) return short;
    if (at + 8 > wide.length) throw refuse('ARCHIVE_ZIP64_INVALID', name);
    const value = wide.readBigUInt64LE(at);
    at += 8;
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw refuse('ARCHIVE_ZIP64_INVALID', name);
    return Number(value);
  };
  const size = field(record.readUInt32LE(24));
  const compressedSize = field(record.readUInt32LE(20));
  const offset = field(record.readUInt32LE(42));
  const disk = record.readUInt16LE(34);
  if (disk !== 0 && disk !== MAX_U16) throw refuse('ARCHIVE_DIRECTORY_INVALID', name, { disk });
  return { size, compressedSize, offset };
}

function readKind(record: Buffer, name: string): { type: EntryType; mode: number | null } {
  const directory = name.endsWith('/');
  const host = record.readUInt8(5);
  const unixMode = record.readUInt16LE(40);
  if ((host !== HOST_UNIX && host !== HOST_MACOS) || unixMode === 0)
    return { type: directory ? 'directory' : 'file', mode: null };
  const mode = unixMode & 0o7777;
  const format = unixMode & S_IFMT;
  if (directory && (format === S_IFDIR || format === S_IFREG || format === 0)) return { type: 'directory', mode };
  if (!directory && (format === S_IFREG || format === 0)) return { type: 'file', mode };
  if (!directory && format === S_IFLNK) return { type: 'symlink', mode };
  throw refuse('ARCHIVE_ENTRY_TYPE_UNSUPPORTED', name, { unix_mode: unixMode.toString(8) });
}

/**
 * The extended timestamp is in UTC. The fields of DOS are local time of the machine that made the archive (APPNOTE 4.4.6); which zone that was is
 * not in the archive, and the zone of this machine is the best guess, as other programs guess.
 */
function readMtime(dosDateTime: number, extras: Extras): number {
  const extended = extras.get(EXTRA_TIMESTAMP);
  if (extended !== undefined && extended.length >= 5 && ((extended[0] ?? 0) & 1) === 1) {
    return extended.readInt32LE(1) * 1000;
  }
  return new Date(...dosFields(dosDateTime)).getTime();
}

function checkSizes(entry: ZipEntry, limits: ArchiveLimits): void {
  const { name, size, compressedSize, method } = entry;
  if (size > limits.maxFileBytes)
    throw refuse('ARCHIVE_LIMIT_EXCEEDED', name, { limit: 'PAWVAULT_LIMIT_FILE_BYTES', bytes: size });
  if (entry.type === 'symlink' && size > limits.maxPathBytes)
    throw refuse('ARCHIVE_LIMIT_EXCEEDED', name, { limit: 'PAWVAULT_LIMIT_PATH_BYTES', bytes: size });
  if (method === STORE && size !== compressedSize) throw refuse('ARCHIVE_ENTRY_SIZE_MISMATCH', name);
  if (size > compressedSize * MAX_RATIO + MAX_RATIO)
    throw refuse('ARCHIVE_ENTRY_SIZE_MISMATCH', name, { reason: 'ratio' });
  if (entry.type === 'directory' && size !== 0)
    throw refuse('ARCHIVE_NAME_CLASH', name, { reason: 'a directory with content' });
}
