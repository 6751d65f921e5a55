import { type ArchiveLimits, peekMeta } from '@pawvault/archive';
import { DomainError, type DuplicateArchive, type InvalidBackup } from '@pawvault/contracts';
import { errnoOf, toDomainError } from '@pawvault/durable-fs';
import { type ArchiveFile, scanDirectory, statArchive } from './directory-scan';
import { sameFingerprint } from './fingerprint';
import { mapBounded } from './map-bounded';
import type { StoredBackup } from './stored-backup';

/** What the directory holds. Of several files with one id, `<id>.zip` is the backup, else the first by name. */
export interface Catalogue {
  backups: StoredBackup[];
  invalid: InvalidBackup[];
  duplicates: DuplicateArchive[];
}

type Peeked = { kind: 'backup'; backup: StoredBackup } | { kind: 'invalid'; file: ArchiveFile; error: DomainError };

interface CacheLine {
  file: ArchiveFile;
  peeked: Promise<Peeked | null>;
}

const PARALLEL_PEEKS = 16;

/** Reads metadata once per file: a look at an unchanged directory costs a readdir and one stat a file. */
export class CatalogueReader {
  private readonly lines = new Map<string, CacheLine>();

  constructor(
    private readonly directory: string,
    private readonly limits: ArchiveLimits,
  ) {}

  /** @throws DomainError BACKUP_DIR_UNUSABLE; what is wrong with one file is reported with that file */
  async read(): Promise<Catalogue> {
    const files = await scanDirectory(this.directory);
    const present = new Set(files.map(({ name }) => name));
    for (const name of this.lines.keys()) if (!present.has(name)) this.lines.delete(name);
    const peeked = await mapBounded(files, PARALLEL_PEEKS, (file) => this.peek(file));
    return arrange(peeked.filter((item) => item !== null));
  }

  /** One file by its name, or null when it is gone. @throws DomainError why it is no backup, with an ARCHIVE_* or file-system code */
  async readFile(name: string): Promise<StoredBackup | null> {
    const file = await statArchive(this.directory, name);
    const peeked = file === null ? null : await this.peek(file);
    if (peeked?.kind === 'invalid') throw peeked.error;
    return peeked?.backup ?? null;
  }

  forget(name: string): void {
    this.lines.delete(name);
  }

  /** Callers at the same time share one read. */
  private peek(file: ArchiveFile): Promise<Peeked | null> {
    const known = this.lines.get(file.name);
    const isSame = known?.file.source === file.source && sameFingerprint(known.file, file);
    if (isSame) return known.peeked;
    const line = { file, peeked: this.peekFile(file) };
    this.lines.set(file.name, line);
    return line.peeked;
  }

  private async peekFile(file: ArchiveFile): Promise<Peeked | null> {
    try {
      const { name: fileName, source, ...place } = file;
      if (source === null) throw new DomainError('ARCHIVE_IS_A_LINK');
      const { meta, hasManifest } = await peekMeta(source, this.limits);
      return { kind: 'backup', backup: { ...place, source, id: meta.id, fileName, meta, hasManifest } };
    } catch (error) {
      if (error instanceof DomainError) return { kind: 'invalid', file, error };
      // A failure of the system says nothing about these bytes: the next look tries again.
      this.forget(file.name);
      if (errnoOf(error) === 'ENOENT') return null;
      const known = toDomainError(error);
      if (!(known instanceof DomainError)) throw error;
      return { kind: 'invalid', file, error: new DomainError(known.code, undefined, {}, { cause: error }) };
    }
  }
}

function arrange(peeked: Peeked[]): Catalogue {
  const byId = new Map<string, StoredBackup>();
  const duplicates: DuplicateArchive[] = [];
  const invalid: InvalidBackup[] = [];
  for (const item of peeked) {
    if (item.kind === 'invalid') {
      invalid.push(toInvalid(item));
      continue;
    }
    const { backup } = item;
    const rival = byId.get(backup.id);
    const loser = rival === undefined ? null : isCanonical(backup) ? rival : backup;
    if (loser !== null) duplicates.push({ file_name: loser.fileName, id: loser.id, size: loser.size });
    if (loser !== backup) byId.set(backup.id, backup);
  }
  return { backups: [...byId.values()], invalid, duplicates };
}

const isCanonical = ({ id, fileName }: StoredBackup): boolean => fileName === `${id}.zip`;

const toInvalid = ({ file, error }: Extract<Peeked, { kind: 'invalid' }>): InvalidBackup => ({
  file_name: file.name,
  size: file.size,
  modified_at: new Date(file.mtimeMs).toISOString(),
  code: error.code,
  reason: error.message,
});
