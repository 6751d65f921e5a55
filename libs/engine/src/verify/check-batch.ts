import { hash } from 'node:crypto';
import { readSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';
import {
  checkLocalHeader,
  checkTail,
  DEFLATE,
  entryFeedHead,
  entryFeedTail,
  isOwnLocalHeader,
  linkTarget,
  MAX_DESCRIPTOR_BYTES,
  MAX_LOCAL_BYTES,
  type ZipEntry,
} from '@pawvault/archive';
import { DomainError } from '@pawvault/contracts';
import { DirectoryCache, writeFileOnce } from '../restore/write-file';
import { ByteSink } from '../create/byte-sink';
import type { CheckBatchInput, CheckBatchOutput, CheckItem } from '../threads/tasks';

/** Entries that lie together are read with one call as long as their span stays below this. */
const MAX_SPAN_BYTES = 8 * 1024 * 1024;

/** Proves a batch of small entries: headers, size, CRC, and the hash of the manifest where there is one. */
export function checkBatch({ fd, items, ownHeaders, recycled }: CheckBatchInput): CheckBatchOutput {
  const estimate = items.reduce((sum, { entry }) => sum + entry.size + entry.name.length + 64, 0);
  const feed = new ByteSink(recycled ?? estimate);
  const problems: CheckBatchOutput['problems'] = [];
  const span = readSpan(fd, items);
  const directories = new DirectoryCache();
  try {
    for (const item of items) {
      try {
        const content = checkItem(item, span(item), ownHeaders);
        if (item.write !== null) writeFileOnce(item.write, content, directories);
        if (item.entry.type === 'directory') continue;
        feed.push(...entryFeedHead(Buffer.from(item.entry.name, 'utf8')), content, entryFeedTail(content.length));
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        problems.push({ code: error.code, path: item.entry.name, message: error.message });
      }
    }
  } finally {
    directories.close();
  }
  return { feed: feed.take(), problems };
}

function checkItem(item: CheckItem, bytes: Buffer, ownHeaders: CheckBatchInput['ownHeaders']): Buffer {
  const content = proveEntry(bytes, item);
  if (ownHeaders) proveOwnHeader(bytes, item.entry);
  if (item.entry.type === 'symlink') linkTarget(item.entry.name, content);
  return content;
}

/** @returns how to get the bytes of an item: from one common read, or one by one when the entries are scattered */
function readSpan(fd: number, items: CheckItem[]): (item: CheckItem) => Buffer {
  const start = items.reduce((least, { entry }) => Math.min(least, entry.offset), Number.MAX_SAFE_INTEGER);
  const end = items.reduce((most, { entry }) => Math.max(most, lastByteOf(entry)), 0);
  if (end - start > MAX_SPAN_BYTES) return ({ entry }) => readRange(fd, entry.offset, lastByteOf(entry));
  const bytes = readRange(fd, start, end);
  return ({ entry }) => bytes.subarray(entry.offset - start, lastByteOf(entry) - start);
}

/** Where an entry ends at the latest. Behind it there may be a gap of any size, which is not worth memory. */
const lastByteOf = ({ offset, compressedSize, end }: ZipEntry): number =>
  Math.min(end, offset + MAX_LOCAL_BYTES + compressedSize + MAX_DESCRIPTOR_BYTES);

function readRange(fd: number, start: number, end: number): Buffer {
  const buffer = Buffer.allocUnsafe(Math.max(0, end - start));
  let done = 0;
  while (done < buffer.length) {
    const count = readSync(fd, buffer, done, buffer.length - done, start + done);
    if (count === 0) break;
    done += count;
  }
  return buffer.subarray(0, done);
}

/** @returns the content, all of it proven @throws DomainError with what is wrong */
function proveEntry(bytes: Buffer, { entry, sha256 }: CheckItem): Buffer {
  const dataStart = checkLocalHeader(bytes, entry);
  const data = bytes.subarray(dataStart, dataStart + entry.compressedSize);
  if (data.length < entry.compressedSize)
    throw new DomainError('ARCHIVE_ENTRIES_OVERLAP', undefined, { entry: entry.name });
  const dataEnd = dataStart + entry.compressedSize;
  checkTail(bytes.subarray(dataEnd), entry, entry.end - entry.offset - dataEnd);
  const content = entry.method === DEFLATE ? inflate(data, entry) : data;
  if (content.length !== entry.size)
    throw new DomainError('ARCHIVE_ENTRY_SIZE_MISMATCH', undefined, { entry: entry.name });
  if (crc32(content) !== entry.crc32)
    throw new DomainError('ARCHIVE_ENTRY_CRC_MISMATCH', undefined, { entry: entry.name });
  if (sha256 !== null && hash('sha256', content, 'hex') !== sha256) {
    throw new DomainError('ARCHIVE_ENTRY_HASH_MISMATCH', undefined, { entry: entry.name });
  }
  return content;
}

/** An archive that PawVault wrote has no byte between header, data and the next entry that could be otherwise. */
function proveOwnHeader(bytes: Buffer, entry: ZipEntry): void {
  const local = bytes.subarray(0, checkLocalHeader(bytes, entry));
  if (!isOwnLocalHeader(local, entry) || entry.offset + local.length + entry.compressedSize !== entry.end)
    throw new DomainError('ARCHIVE_HEADER_MISMATCH', undefined, { entry: entry.name });
}

function inflate(data: Buffer, entry: ZipEntry): Buffer {
  try {
    // `info` tells how much input was used: bytes behind the end of the stream would be content that nobody checks.
    const { buffer, engine } = inflateRawSync(data, {
      maxOutputLength: Math.max(entry.size, 1),
      info: true,
    }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten !== data.length) throw new Error('trailing bytes');
    return buffer;
  } catch (error) {
    const grows = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const code = grows ? 'ARCHIVE_ENTRY_SIZE_MISMATCH' : 'ARCHIVE_ENTRY_DATA_INVALID';
    throw new DomainError(code, undefined, { entry: entry.name }, { cause: error });
  }
}
