import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { compareCodePoints, META_NAME } from '@pawvault/contracts';
import { entryContent, type EntrySource, locateData } from './entry-stream';
import { assertLayout } from './layout';
import type { ArchiveLimits } from './limits';
import { parseMeta, type SignedMeta } from './meta-codec';
import { assertSameAtEdges } from './record-proof';
import { locateDirectory, readDirectory, readExactly } from './zip-directory';
import { refuse, type ZipEntry } from './zip-entry';

/**
 * An open archive whose directory has passed every check of structure and layout. Content is proven when it is read.
 * Holds one file descriptor until `close()`: the file may be renamed or deleted meanwhile without harm.
 */
export class ArchiveReader {
  /** Where the last search ended: names are mostly asked for in their order. */
  private last = -1;

  constructor(
    readonly path: string,
    readonly size: number,
    readonly entries: readonly ZipEntry[],
    readonly source: EntrySource,
    /** What it was opened with. */
    readonly limits: ArchiveLimits,
  ) {}

  get(name: string): ZipEntry | undefined {
    return this.entries[this.indexOf(name)];
  }

  /** The place of an entry in `entries`, or -1. */
  indexOf(name: string): number {
    if (this.entries[this.last + 1]?.name === name) return (this.last += 1);
    let low = 0;
    for (let high = this.entries.length; low < high;) {
      const middle = (low + high) >>> 1;
      if (compareCodePoints(this.entries[middle]?.name ?? '', name) < 0) low = middle + 1;
      else high = middle;
    }
    return this.entries[low]?.name === name ? (this.last = low) : -1;
  }

  /** Inflated content in pieces, see {@link entryContent} for what is proven. */
  content(entry: ZipEntry, signal?: AbortSignal): AsyncIterable<Buffer> {
    return entryContent(this.source, entry, signal);
  }

  stream(entry: ZipEntry, options: { signal?: AbortSignal } = {}): Readable {
    return Readable.from(this.content(entry, options.signal), { objectMode: false });
  }

  /** The whole content of a small entry. @throws DomainError ARCHIVE_LIMIT_EXCEEDED above `maxBytes` */
  async read(entry: ZipEntry, maxBytes: number): Promise<Buffer> {
    if (entry.size > maxBytes)
      throw refuse('ARCHIVE_LIMIT_EXCEEDED', entry.name, { bytes: entry.size, max_bytes: maxBytes });
    const pieces: Buffer[] = [];
    for await (const piece of this.content(entry)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** Offset of the raw data of an entry in the file, headers proven: for copies that need no inflating. */
  dataOffset(entry: ZipEntry): Promise<number> {
    return locateData(this.source, entry);
  }

  /** The raw local header of an entry, proven against the directory. */
  async localHeader(entry: ZipEntry): Promise<Buffer> {
    return readExactly(this.source.handle, entry.offset, (await this.dataOffset(entry)) - entry.offset);
  }

  /** @throws DomainError ARCHIVE_META_MISSING, ARCHIVE_META_INVALID */
  async meta(limits: ArchiveLimits): Promise<SignedMeta> {
    const entry = this.get(META_NAME);
    if (entry === undefined) throw refuse('ARCHIVE_META_MISSING', null);
    return parseMeta(await this.read(entry, limits.maxMetaBytes));
  }

  async close(): Promise<void> {
    await this.source.handle.close();
  }
}

/**
 * Opens an archive and checks its structure and layout: see docs/archive-format.md, "What is refused".
 * @throws DomainError ARCHIVE_* naming the entry in `details.entry` where there is one; system errors as they are
 */
export async function openArchive(path: string, limits: ArchiveLimits): Promise<ArchiveReader> {
  const reader = await openZip(path, limits);
  try {
    assertLayout(reader.entries, limits);
    return reader;
  } catch (error) {
    await reader.close().catch(() => undefined);
    throw error;
  }
}

/** Opens any zip whose structure is sound, whatever is in it. */
export async function openZip(path: string, limits: ArchiveLimits): Promise<ArchiveReader> {
  const handle = await openRegular(path);
  try {
    return await readStructure(path, handle, limits);
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
}

/** Whether a link is followed is decided by the caller, who then passes what it leads to. @throws ELOOP for a link */
export const openRegular = (path: string): Promise<FileHandle> => open(path, constants.O_RDONLY | constants.O_NOFOLLOW);

async function readStructure(path: string, handle: FileHandle, limits: ArchiveLimits): Promise<ArchiveReader> {
  const { size } = await handle.stat();
  const location = await locateDirectory(handle, size);
  const entries = await readDirectory(handle, location, limits);
  await assertSameAtEdges(handle, location, limits);
  const source = { handle, directoryOffset: location.offset, directorySize: location.size };
  return new ArchiveReader(path, size, entries, source, limits);
}
