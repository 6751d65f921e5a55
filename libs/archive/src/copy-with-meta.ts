import { crc32 } from 'node:zlib';
import { META_NAME } from '@pawvault/contracts';
import type { ArchiveReader } from './archive-reader';
import { refuse } from './zip-entry';
import { readExactly } from './zip-directory';
import { recordedOffset, S_IFREG, STORE } from './zip-format';
import { centralRecords, ZipWriter } from './zip-writer';

const COPY_BYTES = 1 << 20;

export interface CopyOptions {
  /** The new meta.json. */
  meta: Buffer;
  /** Milliseconds since 1970, for the new entry. */
  mtimeMs: number;
  signal: AbortSignal;
  /** Raw bytes copied so far have grown by this many. */
  onBytes: (bytes: number) => void;
}

/**
 * Copies an archive with another meta.json. Entries are copied raw, never recompressed; the new meta.json comes last. Content is not proven
 * here: whoever signs the copy has to prove it first.
 * @param target must not exist
 * @returns bytes of the copy, which is on disk
 */
export async function copyWithMeta(reader: ArchiveReader, target: string, options: CopyOptions): Promise<number> {
  const old = reader.get(META_NAME);
  if (old === undefined) throw refuse('ARCHIVE_META_MISSING', null);
  const { handle, directoryOffset, directorySize } = reader.source;
  const after = reader.entries.map(({ offset }) => offset).filter((offset) => offset > old.offset);
  const oldEnd = after.reduce((least, offset) => Math.min(least, offset), directoryOffset);
  const directory = await readExactly(handle, directoryOffset, directorySize);
  const writer = await ZipWriter.create(target);
  try {
    await copyRange(reader, writer, { start: 0, end: old.offset, ...options });
    await copyRange(reader, writer, { start: oldEnd, end: directoryOffset, ...options });
    adopt(writer, { directory, oldOffset: old.offset, gap: oldEnd - old.offset });
    await appendMeta(writer, options);
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function copyRange(
  reader: ArchiveReader,
  writer: ZipWriter,
  range: { start: number; end: number; signal: AbortSignal; onBytes: (bytes: number) => void },
): Promise<void> {
  for (let at = range.start; at < range.end; at += COPY_BYTES) {
    range.signal.throwIfAborted();
    const length = Math.min(COPY_BYTES, range.end - at);
    await writer.write(await readExactly(reader.source.handle, at, length));
    range.onBytes(length);
  }
}

/** The records of all other entries; those behind the old meta.json move up by its length. */
function adopt(writer: ZipWriter, old: { directory: Buffer; oldOffset: number; gap: number }): void {
  const records = [...centralRecords(old.directory)];
  writer.adoptRecords(
    records.filter((record) => recordedOffset(record) < old.oldOffset),
    0,
  );
  writer.adoptRecords(
    records.filter((record) => recordedOffset(record) > old.oldOffset),
    -old.gap,
  );
}

async function appendMeta(writer: ZipWriter, { meta, mtimeMs }: CopyOptions): Promise<void> {
  const sizes = { crc32: crc32(meta), size: meta.length, compressedSize: meta.length };
  const header = { name: Buffer.from(META_NAME), method: STORE, ...sizes, unixMode: S_IFREG | 0o600, mtimeMs } as const;
  const entry = await writer.beginEntry(header, meta.length);
  await writer.write(meta);
  await writer.endEntry(entry);
}
