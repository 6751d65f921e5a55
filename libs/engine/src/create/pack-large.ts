import { createHash, type Hash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { DEFLATE, type EntryHeader, manifestLine, S_IFLNK, S_IFREG, STORE } from '@pawvault/archive';
import { canHold, holdListed } from '@pawvault/durable-fs';
import { locationOf, OPEN_FLAGS } from '../capture/located';
import { removeCopy } from '../capture/sqlite-capture';
import { isSqlite } from '../capture/sqlite-header';
import { settleJson } from '../capture/settled-json';
import { NotARegularFile, sameState } from '../capture/stable-read';
import type { CapturedCopy, FileItem } from '../threads/tasks';
import type { ArchiveSink, EntryMark } from './archive-sink';
import type { UnitContext } from './batches';
import { deflatedBlocks, storedBlocks } from './blocks';
import { isCompressible } from './compressibility';
import { factsOf, headerOf, manifestRecord, typeOf } from './entry-records';
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
  /** A copy of the database that the file is; it takes room until the file is packed. */
  copy: CapturedCopy | null;
  /** It is a database that could not be captured. */
  raw: boolean;
  /** Where the archive goes back to when this file does not get in. */
  mark: EntryMark | null;
}

/**
 * Streams one large file into the archive: blocks are deflated by all threads at once and appended in order. A file that changed while
 * it was read is taken out again and read anew; the last attempt stays and is reported.
 * @returns whether the file is in the archive, and its bytes
 */
export async function packLarge(item: FileItem, context: LargeContext): Promise<{ packed: boolean; bytes: number }> {
  const packing: Packing = { item, handle: null, copy: item.captured ?? null, raw: item.raw ?? false, mark: null };
  try {
    return { packed: true, bytes: await pack(packing, context) };
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    if (packing.mark !== null) context.sink.rewind(packing.mark);
    context.signal.throwIfAborted();
    const packed = await nameWhatIsLost(item, error.reason, context);
    return { packed, bytes: 0 };
  } finally {
    await closeQuietly(packing);
    if (packing.copy !== null) removeCopy(packing.copy);
  }
}

/** A link whose content is gone stands in the manifest alone. @returns whether it does */
async function nameWhatIsLost(item: FileItem, reason: unknown, { sink, ledger }: LargeContext): Promise<boolean> {
  if (item.target === undefined) {
    ledger.omit(omissionOf(item.name, reason));
    return false;
  }
  const facts = { ...factsOf(item), unixMode: S_IFLNK | 0o777, mtimeMs: item.mtimeMs };
  await sink.appendRecord(manifestLine(manifestRecord(facts, 'symlink', { target: item.target })));
  return true;
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
    const changed = packing.copy === null && !sameState(before, await fromSource(handle.stat()));
    if (changed && attempt < ATTEMPTS) {
      context.sink.rewind(entry.mark);
      packing.mark = null;
      continue;
    }
    if (changed) context.ledger.warn(changedWarning(item.name));
    await endEntry(
      entry,
      { item, unstable: changed || packing.raw || packing.copy?.state === 'unstable' },
      context.sink,
    );
    return entry.header.size;
  }
}

/** Opens the file, or the sound copy where it is a database. */
async function openSource(packing: Packing, context: LargeContext): Promise<FileHandle> {
  const { item } = packing;
  packing.handle = packing.copy === null ? await openListed(item) : await open(packing.copy.path, 'r');
  if (packing.copy === null && item.raw === undefined && (await isDatabase(packing.handle))) {
    packing.copy = await captureLarge(item, context);
    packing.raw = packing.copy === null;
    if (packing.copy !== null) {
      await closeQuietly(packing);
      packing.handle = await open(packing.copy.path, 'r');
    }
  }
  await settleJson(packing.handle, item.base);
  return packing.handle;
}

/** O_NOFOLLOW and O_NONBLOCK: the place may have become a link or a fifo since it was listed. */
async function openListed({ place, base }: FileItem): Promise<FileHandle> {
  const directory = holdListed(place.root, place.relative, place);
  let handle: FileHandle | null = null;
  try {
    handle = await open(directory.at(base), OPEN_FLAGS);
    if (!(await handle.stat()).isFile()) throw new NotARegularFile(base);
    if (!canHold) holdListed(place.root, place.relative, place).close();
    return handle;
  } catch (error) {
    await handle?.close();
    throw error;
  } finally {
    directory.close();
  }
}

async function isDatabase(handle: FileHandle): Promise<boolean> {
  const head = Buffer.alloc(16);
  await handle.read(head, 0, head.length, 0);
  return isSqlite(head);
}

/** @returns null when the file has to be taken as it lies */
async function captureLarge(item: FileItem, context: LargeContext): Promise<CapturedCopy | null> {
  const { pool, workDir, signal } = context;
  const capture = await untilAborted(pool.run('capture-sqlite', { at: locationOf(item), workDir }), signal);
  if (capture.warning !== null) context.ledger.warn(capture.warning);
  return capture.kind === 'raw' ? null : capture.copy;
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
  const { item } = packing;
  const mode = packing.copy === null ? before.mode : item.mode;
  const mtimeMs = packing.copy === null && item.target === undefined ? before.mtimeMs : item.mtimeMs;
  const method = (await isWorthIt(handle, before.size)) ? DEFLATE : STORE;
  const facts = { name: item.name, unixMode: S_IFREG | (mode & 0o7777), mtimeMs };
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
  const { item } = facts;
  const entryFacts = { ...factsOf(item), unixMode: header.unixMode, mtimeMs: header.mtimeMs };
  const rest = {
    size: header.size,
    sha256: sha256.digest('hex'),
    ...(item.target === undefined ? {} : { target: item.target }),
    ...(facts.unstable ? { unstable: true as const } : {}),
  };
  return sink.endEntry(packed.mark, manifestLine(manifestRecord(entryFacts, typeOf(item), rest)));
}
