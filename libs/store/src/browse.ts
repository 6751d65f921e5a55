import { Readable } from 'node:stream';
import { type ArchiveLimits, type ArchiveReader, manifestEntries, type ZipEntry } from '@pawvault/archive';
import { compareCodePoints, DATA_PREFIX, DomainError, type FileRecord, type ManifestEntry } from '@pawvault/contracts';
import { asInvalid, openBackup } from './archive-contents';
import type { StoredBackup } from './stored-backup';

export interface FileQuery {
  /** Only entries whose path begins with this text. */
  prefix?: string;
  /** Only entries behind this path, in code-point order. */
  after?: string;
  /** At most so many. */
  limit: number;
}

export interface FilePage {
  files: FileRecord[];
  /** To be passed as `after`; null on the last page. */
  next: string | null;
}

export interface OpenedFile {
  record: FileRecord;
  /** Fails before its last piece when the content is damaged, so that nobody takes it for whole. Must be read or destroyed. */
  stream: Readable;
}

/** Lists the entries under `data/`; metadata and manifest are no content, and the signatures in them are not for readers. */
export async function listFiles(
  reader: ArchiveReader,
  { prefix = '', after = '', limit }: FileQuery,
): Promise<FilePage> {
  const matching = reader.entries.filter(
    ({ name }) => name.startsWith(DATA_PREFIX) && name.startsWith(prefix) && compareCodePoints(name, after) > 0,
  );
  const page = matching.slice(0, limit);
  const listed = await listedEntries(reader, new Set(page.map(({ name }) => name)));
  const files = page.map((entry) => toRecord(entry, listed.get(entry.name)));
  return { files, next: matching.length > page.length ? (page.at(-1)?.name ?? null) : null };
}

/** @throws DomainError BACKUP_FILE_NOT_FOUND, BACKUP_FILE_NOT_REGULAR, BACKUP_INVALID */
export async function openEntry(backup: StoredBackup, path: string, limits: ArchiveLimits): Promise<OpenedFile> {
  const reader = await openBackup(backup, limits);
  try {
    const entry = regularEntry(reader, path);
    const listed = await listedEntries(reader, new Set([path]));
    const stream = Readable.from(provenContent(reader, entry, backup.id), { objectMode: false });
    // Also where the stream is destroyed before anyone reads it and the generator never runs.
    stream.once('close', () => void reader.close().catch(() => undefined));
    return { record: toRecord(entry, listed.get(path)), stream };
  } catch (error) {
    await reader.close();
    throw asInvalid(backup.id, error);
  }
}

function regularEntry(reader: ArchiveReader, path: string): ZipEntry {
  const entry = path.startsWith(DATA_PREFIX) ? (reader.get(path) ?? reader.get(`${path}/`)) : undefined;
  if (entry === undefined) throw new DomainError('BACKUP_FILE_NOT_FOUND', undefined, { path });
  if (entry.type !== 'file') throw new DomainError('BACKUP_FILE_NOT_REGULAR', undefined, { path, type: entry.type });
  return entry;
}

/** Holds the last piece back until size and CRC are proven: the consumer of a damaged entry never sees its full length. */
async function* provenContent(reader: ArchiveReader, entry: ZipEntry, id: string): AsyncGenerator<Buffer> {
  let held: Buffer | null = null;
  try {
    for await (const piece of reader.content(entry)) {
      if (held !== null) yield held;
      held = piece;
    }
  } catch (error) {
    throw asInvalid(id, error);
  }
  if (held !== null) yield held;
}

/** The manifest's records of these names, which know hashes and exact times; empty where there is no manifest. */
async function listedEntries(reader: ArchiveReader, names: ReadonlySet<string>): Promise<Map<string, ManifestEntry>> {
  const found = new Map<string, ManifestEntry>();
  if (names.size === 0) return found;
  for await (const entry of manifestEntries(reader)) {
    if (names.has(entry.path)) found.set(entry.path, entry);
    if (found.size === names.size) break;
  }
  return found;
}

const toRecord = (entry: ZipEntry, listed: ManifestEntry | undefined): FileRecord => ({
  path: entry.name,
  type: entry.type,
  size: entry.size,
  mode: entry.mode,
  mtime: listed?.mtime ?? new Date(entry.mtimeMs).toISOString(),
  sha256: listed?.sha256 ?? null,
});
