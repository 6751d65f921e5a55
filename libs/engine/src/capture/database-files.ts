import { closeSync, fstatSync, lstatSync, type Stats } from 'node:fs';
import { errnoOf, type HeldDirectory, isSameNode } from '@pawvault/durable-fs';
import { openFile } from './located';
import { NotARegularFile } from './stable-read';

/** A file of a database that is open for reading: the database itself (no suffix), its WAL or its rollback journal. */
export interface OpenFile {
  suffix: string;
  fd: number;
  stat: Stats;
}

/** What is no regular file is none of SQLite's, which follows no links either. */
const NOT_OURS = new Set(['ENOENT', 'ELOOP', 'ENXIO']);

/** The files of a database in the directory that was listed; nothing of it is reached by a path. */
export class DatabaseFiles {
  constructor(
    readonly directory: HeldDirectory,
    readonly base: string,
  ) {}

  /**
   * Opens the database and those of its companions that are there.
   * @throws NotARegularFile and the errors of open(2)
   */
  open(): OpenFile[] {
    const main = { suffix: '', fd: openFile(this.directory, this.base) };
    const files: OpenFile[] = [];
    try {
      const stat = fstatSync(main.fd);
      files.push({ ...main, stat });
      if (!stat.isFile()) throw new NotARegularFile(this.base);
      for (const suffix of ['-wal', '-journal']) files.push(...this.openCompanion(suffix));
      return files;
    } catch (error) {
      closeAll(files.length === 0 ? [main] : files);
      throw error;
    }
  }

  /** Whether the same files are there under the same names, and no companion more. */
  stillAre(files: readonly OpenFile[]): boolean {
    return ['', '-wal', '-journal'].every((suffix) => {
      const now = lstatSync(this.directory.at(`${this.base}${suffix}`), { throwIfNoEntry: false });
      const file = files.find((candidate) => candidate.suffix === suffix);
      return file === undefined ? now?.isFile() !== true : now !== undefined && isSameNode(now, file.stat);
    });
  }

  private openCompanion(suffix: string): OpenFile[] {
    try {
      const fd = openFile(this.directory, `${this.base}${suffix}`);
      const file = { suffix, fd, stat: fstatSync(fd) };
      if (file.stat.isFile()) return [file];
      closeSync(fd);
      return [];
    } catch (error) {
      if (NOT_OURS.has(errnoOf(error) ?? '')) return [];
      throw error;
    }
  }
}

export const closeAll = (files: readonly Pick<OpenFile, 'fd'>[]): void => files.forEach(({ fd }) => closeSync(fd));
