import { DomainError } from '@pawvault/contracts';
import { decodeName, refuse, type ZipEntry } from './zip-entry';
import {
  DESCRIPTOR_SIGNATURE,
  EXTRA_ZIP64,
  FLAG_DESCRIPTOR,
  LOCAL_BYTES,
  LOCAL_SIGNATURE,
  MAX_U32,
} from './zip-format';

/** A name, extra fields and padding as long as their 16-bit lengths allow. */
export const MAX_LOCAL_BYTES = LOCAL_BYTES + 2 * 0xffff;

/**
 * Holds the local header at the start of `bytes` against the directory's record of the same entry: what two readers might
 * believe differently must be equal.
 * @returns the length of the header, i.e. where the data begins
 * @throws DomainError ARCHIVE_HEADER_MISMATCH
 */
export function checkLocalHeader(bytes: Buffer, entry: ZipEntry): number {
  const mismatch = (field: string) => refuse('ARCHIVE_HEADER_MISMATCH', entry.name, { field });
  if (bytes.length < LOCAL_BYTES || bytes.readUInt32LE(0) !== LOCAL_SIGNATURE) throw mismatch('signature');
  const nameEnd = LOCAL_BYTES + bytes.readUInt16LE(26);
  const dataStart = nameEnd + bytes.readUInt16LE(28);
  if (dataStart > bytes.length) throw mismatch('length');
  const flags = bytes.readUInt16LE(6);
  if (flags !== entry.flags) throw mismatch('flags');
  if (bytes.readUInt16LE(8) !== entry.method) throw mismatch('method');
  if (bytes.readUInt32LE(10) !== entry.dosDateTime) throw mismatch('time');
  const extra = bytes.subarray(nameEnd, dataStart);
  if (decodeLocalName(bytes.subarray(LOCAL_BYTES, nameEnd), flags, extra) !== entry.name) throw mismatch('name');
  const declared = localSizes(bytes, extra);
  const postponed = (flags & FLAG_DESCRIPTOR) !== 0;
  const same = (local: number, central: number): boolean => local === central || (postponed && local === 0);
  if (!same(bytes.readUInt32LE(14), entry.crc32)) throw mismatch('crc');
  if (!same(declared.size, entry.size) || !same(declared.compressedSize, entry.compressedSize)) throw mismatch('size');
  return dataStart;
}

/** null for what is no name at all: the entry at fault is the one whose header this should be. */
function decodeLocalName(raw: Buffer, flags: number, extra: Buffer): string | null {
  const extras = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    extras.set(extra.readUInt16LE(at), extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2)));
  }
  try {
    return decodeName(raw, flags, extras);
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

function localSizes(bytes: Buffer, extra: Buffer): { size: number; compressedSize: number } {
  const compressedSize = bytes.readUInt32LE(18);
  const size = bytes.readUInt32LE(22);
  if (compressedSize !== MAX_U32 && size !== MAX_U32) return { size, compressedSize };
  for (let at = 0; at + 20 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== EXTRA_ZIP64) continue;
    return { size: Number(extra.readBigUInt64LE(at + 4)), compressedSize: Number(extra.readBigUInt64LE(at + 12)) };
  }
  return { size, compressedSize };
}

/** 12 to 24 bytes: signature (optional), CRC, and both sizes in 32 or 64 bits (APPNOTE 4.3.9). */
export const MAX_DESCRIPTOR_BYTES = 24;

/**
 * Proves what follows the data of an entry: a data descriptor where the sizes are postponed (all four spellings are in use), and nothing else before
 * the next entry or the directory. Bytes that belong to no entry are seen by programs that read a zip from its start, and by no others.
 * @param bytes what follows the data, at least up to the next header or {@link MAX_DESCRIPTOR_BYTES}
 * @param room bytes from the end of the data to the next entry or the directory; null where the neighbours are not known
 * @throws DomainError ARCHIVE_HEADER_MISMATCH, ARCHIVE_FOREIGN_BYTES
 */
export function checkTail(bytes: Buffer, entry: ZipEntry, room: number | null): void {
  const lengths = (entry.flags & FLAG_DESCRIPTOR) === 0 ? [0] : descriptorLengths(bytes, entry);
  if (lengths.length === 0) throw refuse('ARCHIVE_HEADER_MISMATCH', entry.name, { field: 'descriptor' });
  if (room !== null && !lengths.includes(room)) throw refuse('ARCHIVE_FOREIGN_BYTES', entry.name);
}

/** How long the descriptor at the start of `bytes` may be; none where it does not say what the directory says. */
function descriptorLengths(bytes: Buffer, entry: ZipEntry): number[] {
  const starts = bytes.length >= 4 && bytes.readUInt32LE(0) === DESCRIPTOR_SIGNATURE ? [4, 0] : [0];
  return starts.flatMap((start) => numbersLengths(bytes.subarray(start), entry).map((length) => start + length));
}

function numbersLengths(bytes: Buffer, entry: ZipEntry): number[] {
  if (bytes.length < 12 || bytes.readUInt32LE(0) !== entry.crc32) return [];
  const short = bytes.readUInt32LE(4) === entry.compressedSize && bytes.readUInt32LE(8) === entry.size;
  const long =
    bytes.length >= 20 &&
    bytes.readBigUInt64LE(4) === BigInt(entry.compressedSize) &&
    bytes.readBigUInt64LE(12) === BigInt(entry.size);
  return [...(short ? [12] : []), ...(long ? [20] : [])];
}
