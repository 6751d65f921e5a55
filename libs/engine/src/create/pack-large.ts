import { createHash, type Hash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { DEFLATE, type EntryHeader, manifestLine, S_IFREG, STORE } from '@pawvault/archive';
import { isSqlite } from '../capture/sqlite-capture';
import { settleJson } from '../capture/settled-json';
import { sameState } from '../capture/stable-read';
import type { FileItem } from '../threads/tasks';
import type { ArchiveSink, EntryMark } from './archive-sink';
import type { UnitContext } from './batches';
import { deflatedBlocks, storedBlocks } from './blocks';
import { isCompressible } from './compressibility';
import { headerOf, manifestRecord } from './entry-records';
import { untilAborted } from '../until-aborted';
import { changedWarning, omissionOf } from '../walk/omission';

const ATTEMPTS = 3;
const HEAD_BYTES = 64 * 1024;

export interface LargeContext extends UnitContext {
  sink: ArchiveSink;
  level: number;
  onBytes: (bytes: number) => void;
}

/** A failure of the file itself: it is omitted, and the backup goes on. Failures of the archive are thrown as they are. */
class SourceFailure extends Error {
  constructor(readonly reason: unknown) {
    super('the file cannot be read');
  }
}

async function fromSource<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw new SourceFailure(error);
  }
}

interface Packing {
  item: FileItem;
  handle: FileHandle | null;
  /** Where the archive goes back to when this file does not get in. */
  mark: EntryMark | null;
}

/**
 * Streams one large file into the archive: blocks are deflated by all threads at once and appended in order. A file that changed while
 * it was read is taken out again and read anew; the last attempt stays and is reported.
 * @returns whether the file is in the archive, and its bytes
 */
export async function packLarge(item: FileItem, context: LargeContext): Promise<{ packed: boolean; bytes: number }> {
  const packing: Packing = { item, handle: null, mark: null };
  try {
    return { packed: true, bytes: await pack(packing, context) };
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    if (packing.mark !== null) context.sink.rewind(packing.mark);
    context.signal.throwIfAborted();
    context.ledger.omit(omissionOf(item.name, error.reason));
    return { packed: false, bytes: 0 };
  } finally {
    await closeQuietly(packing);
  }
}

/** Nothing was written through it: a failure to close tells nothing of what was read. */
async function closeQuietly({ handle }: Packing): Promise<void> {
  await handle?.close().catch(() => undefined);
}

async function pack(packing: Packing, context: LargeContext): Promise<number> {
  const handle = await fromSource(openSource(packing, context));
  const { item } = packing;
  for (let attempt = 1; ; attempt++) {
    const before = await fromSource(handle.stat());
    const entry = await packOnce(handle, { packing, before }, context);
    const changed = item.captured === undefined && !sameState(before, await fromSource(handle.stat()));
    if (changed && attempt < ATTEMPTS) {
      context.sink.rewind(entry.mark);
      packing.mark = null;
      continue;
    }
    if (changed) context.ledger.warn(changedWarning(item.name));
    await endEntry(entry, { item, unstable: changed || item.captured === 'unstable' }, context.sink);
    return entry.header.size;
  }
}

/** Opens the file, or the sound copy where it is a database. */
async function openSource(packing: Packing, context: LargeContext): Promise<FileHandle> {
  packing.handle = await openFile(packing.item);
  const captured = await captureIfDatabase(packing.handle, packing.item, context);
  if (captured !== null) {
    await closeQuietly(packing);
    packing.item = captured;
    packing.handle = await openFile(captured);
  }
  await settleJson(packing.handle, packing.item.path);
  return packing.handle;
}

/** O_NOFOLLOW and O_NONBLOCK: the place may have become a link or a fifo since it was listed. */
const openFile = (item: FileItem): Promise<FileHandle> =>
  open(item.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);

async function captureIfDatabase(handle: FileHandle, item: FileItem, context: LargeContext): Promise<FileItem | null> {
  if (item.captured !== undefined) return null;
  const head = Buffer.alloc(16);
  await handle.read(head, 0, head.length, 0);
  if (!isSqlite(head)) return null;
  const { pool, workDir, signal } = context;
  const capture = await untilAborted(pool.run('capture-sqlite', { path: item.path, workDir }), signal);
  if (capture.warning !== null) context.ledger.warn(capture.warning);
  return { ...item, path: capture.path, size: capture.size, captured: capture.kind === 'copy' ? 'sound' : 'unstable' };
}

interface PackedEntry {
  mark: EntryMark;
  header: EntryHeader;
  sha256: Hash;
}

async function packOnce(
  handle: FileHandle,
  source: { packing: Packing; before: Stats },
  context: LargeContext,
): Promise<PackedEntry> {
  const { packing, before } = source;
  const times = packing.item.captured === undefined ? before : packing.item;
  const method = (await isWorthIt(handle, before.size)) ? DEFLATE : STORE;
  const facts = { name: packing.item.name, unixMode: S_IFREG | (times.mode & 0o7777), mtimeMs: times.mtimeMs };
  const header = headerOf(facts, { method, crc32: 0, size: 0, compressedSize: 0 });
  const mark = await context.sink.beginEntry(header, before.size);
  packing.mark = mark;
  const sha256 = createHash('sha256');
  const blocks = method === DEFLATE ? deflatedBlocks(handle, before.size, context) : storedBlocks(handle, before.size);
  for await (const block of blocks) {
    if ('failure' in block) throw new SourceFailure(block.failure);
    context.signal.throwIfAborted();
    header.crc32 = crc32(block.raw, header.crc32);
    header.size += block.raw.length;
    header.compressedSize += block.stored.length;
    sha256.update(block.raw);
    await context.sink.append(block.raw, block.stored);
    context.onBytes(block.raw.length);
  }
  return { mark, header, sha256 };
}

async function isWorthIt(handle: FileHandle, size: number): Promise<boolean> {
  const head = Buffer.allocUnsafe(Math.min(HEAD_BYTES, size));
  const { bytesRead } = await handle.read(head, 0, head.length, 0).catch(() => ({ bytesRead: 0 }));
  return isCompressible(head.subarray(0, bytesRead));
}

function endEntry(packed: PackedEntry, facts: { item: FileItem; unstable: boolean }, sink: ArchiveSink): Promise<void> {
  const { header, sha256 } = packed;
  const entryFacts = { name: facts.item.name, unixMode: header.unixMode, mtimeMs: header.mtimeMs };
  const rest = {
    size: header.size,
    sha256: sha256.digest('hex'),
    ...(facts.unstable ? { unstable: true as const } : {}),
  };
  return sink.endEntry(packed.mark, manifestLine(manifestRecord(entryFacts, 'file', rest)));
}
