import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { DomainError } from '@pawvault/contracts';
import { checkLocalHeader, checkTail, MAX_DESCRIPTOR_BYTES, MAX_LOCAL_BYTES } from './local-header';
import { refuse, type ZipEntry } from './zip-entry';
import { readExactly } from './zip-directory';
import { DEFLATE, LOCAL_BYTES } from './zip-format';

const CHUNK_BYTES = 256 * 1024;

/** The file that entries are read from; `directoryOffset` bounds every read of content. */
export interface EntrySource {
  handle: FileHandle;
  directoryOffset: number;
  directorySize: number;
}

/**
 * The content of an entry, inflated, in bounded pieces. Local header, size, CRC and descriptor are proven on the way, so a
 * consumer that sees the end without an error has seen exactly what the directory promises.
 * @throws DomainError ARCHIVE_HEADER_MISMATCH, ARCHIVE_FOREIGN_BYTES, ARCHIVE_ENTRY_SIZE_MISMATCH, ARCHIVE_ENTRY_CRC_MISMATCH, ARCHIVE_ENTRY_DATA_INVALID
 */
export async function* entryContent(
  source: EntrySource,
  entry: ZipEntry,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const dataStart = await locateData(source, entry);
  let size = 0;
  let crc = 0;
  const pieces = entry.method === DEFLATE ? inflated(source, entry, dataStart) : raw(source, entry, dataStart);
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    size += piece.length;
    if (size > entry.size) throw refuse('ARCHIVE_ENTRY_SIZE_MISMATCH', entry.name);
    crc = crc32(piece, crc);
    yield piece;
  }
  if (size !== entry.size) throw refuse('ARCHIVE_ENTRY_SIZE_MISMATCH', entry.name);
  if (crc !== entry.crc32) throw refuse('ARCHIVE_ENTRY_CRC_MISMATCH', entry.name);
}

/** Offset of the data of an entry, its headers proven. */
export async function locateData({ handle, directoryOffset }: EntrySource, entry: ZipEntry): Promise<number> {
  const bound = Math.min(entry.end, directoryOffset);
  const room = bound - entry.offset;
  if (room < LOCAL_BYTES) throw refuse('ARCHIVE_ENTRIES_OVERLAP', entry.name);
  let header = await readExactly(handle, entry.offset, Math.min(LOCAL_BYTES + 512, room));
  const needed = LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (needed > header.length) header = await readExactly(handle, entry.offset, Math.min(needed, MAX_LOCAL_BYTES, room));
  const dataStart = entry.offset + checkLocalHeader(header, entry);
  const dataEnd = dataStart + entry.compressedSize;
  if (dataEnd > bound) throw refuse('ARCHIVE_ENTRIES_OVERLAP', entry.name);
  const tail = await readExactly(handle, dataEnd, Math.min(MAX_DESCRIPTOR_BYTES, bound - dataEnd));
  checkTail(tail, entry, entry.end === Number.MAX_SAFE_INTEGER ? null : bound - dataEnd);
  return dataStart;
}

async function* raw(source: EntrySource, entry: ZipEntry, dataStart: number): AsyncGenerator<Buffer> {
  const end = dataStart + entry.compressedSize;
  for (let at = dataStart; at < end; at += CHUNK_BYTES) {
    yield await readExactly(source.handle, at, Math.min(CHUNK_BYTES, end - at));
  }
}

async function* inflated(source: EntrySource, entry: ZipEntry, dataStart: number): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  const feeding = pipeline(raw(source, entry, dataStart), inflate);
  // A failure arrives through the iteration below as well; this promise must not be the first to report it.
  feeding.catch(() => undefined);
  try {
    for await (const piece of inflate as AsyncIterable<Buffer>) yield piece;
    await feeding;
  } catch (error) {
    // A disk that cannot be read says nothing about the archive.
    if (!isZlibError(error)) throw error;
    throw new DomainError('ARCHIVE_ENTRY_DATA_INVALID', undefined, { entry: entry.name }, { cause: error });
  } finally {
    inflate.destroy();
    await feeding.catch(() => undefined);
  }
  // zlib stops at the end of its stream; anything behind it would be content that nobody checks.
  if (inflate.bytesWritten !== entry.compressedSize)
    throw refuse('ARCHIVE_ENTRY_DATA_INVALID', entry.name, { reason: 'trailing bytes' });
}

const isZlibError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('Z_');
