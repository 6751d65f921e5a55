import { Readable } from 'node:stream';
import { type ArchiveLimits, type ArchiveReader, isLinkOnly, manifestEntries, type ZipEntry } from '@pawvault/archive';
import {
  compareCodePoints,
  DomainError,
  type FileRecord,
  MANIFEST_NAME,
  type ManifestEntry,
  META_NAME,
} from '@pawvault/contracts';
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

/**
 * Lists the entries and the links that stand in the manifest alone. Metadata and manifest are no content, and the signatures in them are not for
 * readers.
 */
export async function listFiles(
  reader: ArchiveReader,
  { prefix = '', after = '', limit }: FileQuery,
): Promise<FilePage> {
  const isWanted = (name: string): boolean =>
    isContent(name) && name.startsWith(prefix) && compareCodePoints(name, after) > 0;
  const matching = reader.entries.filter(({ name }) => isWanted(name));
  const entries = matching.slice(0, limit);
  const last = matching.length > limit ? (entries.at(-1)?.name ?? null) : null;
  const { listed, links } = await readListed(reader, {
    names: new Set(entries.map(({ name }) => name)),
    last,
    isWanted,
  });
  const records = [...entries.map((entry) => toRecord(entry, listed.get(entry.name))), ...links.map(linkRecord)];
  if (links.length > 0) records.sort((a, b) => compareCodePoints(a.path, b.path));
  const files = records.slice(0, limit);
  return { files, next: last !== null || records.length > limit ? (files.at(-1)?.path ?? null) : null };
}

const isContent = (name: string): boolean => name !== META_NAME && name !== MANIFEST_NAME;

/** @throws DomainError BACKUP_FILE_NOT_FOUND, BACKUP_FILE_NOT_REGULAR, BACKUP_INVALID */
export async function openEntry(backup: StoredBackup, path: string, limits: ArchiveLimits): Promise<OpenedFile> {
  const reader = await openBackup(backup, limits);
  try {
    const { entry, listed } = await regularEntry(reader, path);
    const stream = Readable.from(provenContent(reader, entry, backup.id), { objectMode: false });
    // Also where the stream is destroyed before anyone reads it and the generator never runs.
    stream.once('close', () => void reader.close().catch(() => undefined));
    return { record: toRecord(entry, listed), stream };
  } catch (error) {
    await reader.close();
    throw asInvalid(backup.id, error);
  }
}

async function regularEntry(
  reader: ArchiveReader,
  path: string,
): Promise<{ entry: ZipEntry; listed: ManifestEntry | undefined }> {
  const entry = isContent(path) ? (reader.get(path) ?? reader.get(`${path}/`)) : undefined;
  const only = {
    names: new Set(entry === undefined ? [] : [entry.name]),
    last: path,
    isWanted: (name: string) => name === path,
  };
  const { listed, links } = await readListed(reader, only);
  if (entry === undefined && links.length === 0) throw new DomainError('BACKUP_FILE_NOT_FOUND', undefined, { path });
  if (entry?.type !== 'file')
    throw new DomainError('BACKUP_FILE_NOT_REGULAR', undefined, { path, type: entry?.type ?? 'symlink' });
  return { entry, listed: listed.get(entry.name) };
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

interface Listed {
  /** Records of entries, which know hashes and exact times. */
  listed: Map<string, ManifestEntry>;
  /** Links without an entry. */
  links: ManifestEntry[];
}

/**
 * What the manifest says of these entries, and the wanted links up to `last` that have none; nothing where there is no manifest. PawVault writes
 * records in code-point order, so what comes after `last` need not be read.
 */
async function readListed(
  reader: ArchiveReader,
  { names, last, isWanted }: { names: ReadonlySet<string>; last: string | null; isWanted: (name: string) => boolean },
): Promise<Listed> {
  const found: Listed = { listed: new Map(), links: [] };
  for await (const record of manifestEntries(reader)) {
    const isAfter = last !== null && compareCodePoints(record.path, last) > 0;
    if (isLinkOnly(record)) {
      if (!isAfter && isWanted(record.path)) found.links.push(record);
    } else if (names.has(record.path)) found.listed.set(record.path, record);
    if (isAfter && found.listed.size === names.size) break;
  }
  return found;
}

function toRecord(entry: ZipEntry, listed: ManifestEntry | undefined): FileRecord {
  const isFile = entry.type === 'file';
  const type = isFile && listed?.type === 'symlink' ? 'symlink' : entry.type;
  return {
    path: entry.name,
    type,
    size: entry.size,
    mode: entry.mode,
    mtime: listed?.mtime ?? new Date(entry.mtimeMs).toISOString(),
    sha256: listed?.sha256 ?? null,
    target: type === 'symlink' ? (listed?.target ?? null) : null,
    has_content: isFile,
  };
}

const linkRecord = ({ path, mode, mtime, target }: ManifestEntry): FileRecord => ({
  path,
  type: 'symlink',
  size: 0,
  mode: mode & 0o7777,
  mtime,
  sha256: null,
  target: target ?? null,
  has_content: false,
});
