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

/**
 * Streams one large file into the archive: blocks are deflated by all threads at once and appended in order. A file that changed while
 * it was read is taken out again and read anew; the last attempt stays and is reported.
 * @returns whether the file is in the archive, and its bytes
 */
export async function packLarge(item: FileItem, context: LargeContext): Promise<{ packed: boolean; bytes: number }> {
  const { signal, ledger } = context;
  const source = { item, handle: null as FileHandle | null };
  try {
    source.handle = await openSource(item);
    const captured = item.captured === undefined ? await captureIfDatabase(source.handle, item, context) : null;
    if (captured !== null) {
      await source.handle.close();
      source.item = captured;
      source.handle = await openSource(captured);
    }
  } catch (error) {
    await source.handle?.close().catch(() => undefined);
    signal.throwIfAborted();
    ledger.omit(omissionOf(item.name, error));
    return { packed: false, bytes: 0 };
  }
  try {
    await settleJson(source.handle, source.item.path);
    return await packAttempts(source.handle, source.item, context);
  } finally {
    await source.handle.close();
  }
}

/** O_NOFOLLOW and O_NONBLOCK: the place may have become a link or a fifo since it was listed. */
const openSource = (item: FileItem): Promise<FileHandle> =>
  open(item.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);

async function captureIfDatabase(handle: FileHandle, item: FileItem, context: LargeContext): Promise<FileItem | null> {
  const head = Buffer.alloc(16);
  await handle.read(head, 0, head.length, 0);
  if (!isSqlite(head)) return null;
  const { pool, workDir, signal } = context;
  const capture = await untilAborted(pool.run('capture-sqlite', { path: item.path, workDir }), signal);
  if (capture.warning !== null) context.ledger.warn(capture.warning);
  return { ...item, path: capture.path, size: capture.size, captured: capture.kind === 'copy' ? 'sound' : 'unstable' };
}

async function packAttempts(
  handle: FileHandle,
  item: FileItem,
  context: LargeContext,
): Promise<{ packed: boolean; bytes: number }> {
  for (let attempt = 1; ; attempt++) {
    const before = await handle.stat();
    const outcome = await packOnce(handle, { item, before }, context);
    if (outcome.failure !== null) {
      context.sink.rewind(outcome.mark);
      context.signal.throwIfAborted();
      context.ledger.omit(omissionOf(item.name, outcome.failure));
      return { packed: false, bytes: 0 };
    }
    const changed = item.captured === undefined && !sameState(before, await handle.stat());
    if (changed && attempt < ATTEMPTS) {
      context.sink.rewind(outcome.mark);
      continue;
    }
    if (changed) context.ledger.warn(changedWarning(item.name));
    await endEntry(outcome, { item, unstable: changed || item.captured === 'unstable' }, context.sink);
    return { packed: true, bytes: outcome.header.size };
  }
}

interface Outcome {
  mark: EntryMark;
  header: EntryHeader;
  sha256: Hash;
  /** A read error: the file is omitted, the backup goes on. Errors of the archive itself are thrown. */
  failure: unknown;
}

async function packOnce(
  handle: FileHandle,
  source: { item: FileItem; before: Stats },
  context: LargeContext,
): Promise<Outcome> {
  const { item, before } = source;
  const times = item.captured === undefined ? before : item;
  const method = (await isWorthIt(handle, before.size)) ? DEFLATE : STORE;
  const facts = { name: item.name, unixMode: S_IFREG | (times.mode & 0o7777), mtimeMs: times.mtimeMs };
  const header = headerOf(facts, { method, crc32: 0, size: 0, compressedSize: 0 });
  const mark = await context.sink.beginEntry(header, before.size);
  const outcome: Outcome = { mark, header, sha256: createHash('sha256'), failure: null };
  const blocks = method === DEFLATE ? deflatedBlocks(handle, before.size, context) : storedBlocks(handle, before.size);
  for await (const block of blocks) {
    if ('failure' in block) return { ...outcome, failure: block.failure };
    context.signal.throwIfAborted();
    header.crc32 = crc32(block.raw, header.crc32);
    header.size += block.raw.length;
    header.compressedSize += block.stored.length;
    outcome.sha256.update(block.raw);
    await context.sink.append(block.raw, block.stored);
    context.onBytes(block.raw.length);
  }
  return outcome;
}

async function isWorthIt(handle: FileHandle, size: number): Promise<boolean> {
  const head = Buffer.allocUnsafe(Math.min(HEAD_BYTES, size));
  const { bytesRead } = await handle.read(head, 0, head.length, 0).catch(() => ({ bytesRead: 0 }));
  return isCompressible(head.subarray(0, bytesRead));
}

function endEntry(outcome: Outcome, facts: { item: FileItem; unstable: boolean }, sink: ArchiveSink): Promise<void> {
  const { header, sha256 } = outcome;
  const entryFacts = { name: facts.item.name, unixMode: header.unixMode, mtimeMs: header.mtimeMs };
  const rest = {
    size: header.size,
    sha256: sha256.digest('hex'),
    ...(facts.unstable ? { unstable: true as const } : {}),
  };
  return sink.endEntry(outcome.mark, manifestLine(manifestRecord(entryFacts, 'file', rest)));
}
