import { randomBytes } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import {
  errnoOf,
  fsyncDirectory,
  isPresent,
  makeStateDirectory,
  publishFile,
  readStateFile,
  removeFile,
  type StatePlace,
} from '@pawvault/durable-fs';

const DIGITS = 12;
const PER_DIRECTORY = 1000;
const MAX_BYTES = 1 << 20;
const FILE = /^\d{12}\.json$/;
const DIRECTORY = /^\d{9}$/;

/**
 * One file a record, named by its number: creating a name that must not exist yet is the one thing that several processes can do on any file
 * system, also a shared one, without a lock. A thousand files a directory.
 */
export class AuditFiles {
  private readonly root: string;

  constructor(private readonly place: StatePlace) {
    this.root = join(place.root, place.below);
  }

  pathOf(seq: number): string {
    const name = String(seq).padStart(DIGITS, '0');
    return join(this.root, name.slice(0, -3), `${name}.json`);
  }

  /** @returns null when there is no such record; an empty text for one that another user may have written: then it is a damaged one */
  async read(seq: number): Promise<string | null> {
    try {
      const bytes = await readStateFile(this.fileOf(seq), { maxBytes: MAX_BYTES, maxLinks: 2 });
      return bytes?.toString('utf8') ?? null;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'STATE_FILE_UNTRUSTED') return '';
      throw error;
    }
  }

  private fileOf(seq: number): StatePlace & { name: string } {
    const path = this.pathOf(seq);
    return { ...this.place, below: join(this.place.below, basename(dirname(path))), name: basename(path) };
  }

  /** The number of the newest record, 0 when there is none. */
  async newest(): Promise<number> {
    const directories = (await namesIn(this.root)).filter((name) => DIRECTORY.test(name)).sort();
    for (const name of directories.reverse()) {
      const last = (await namesIn(join(this.root, name)))
        .filter((file) => FILE.test(file))
        .sort()
        .at(-1);
      if (last !== undefined) return Number(last.slice(0, DIGITS));
    }
    return 0;
  }

  /** On disk when it returns. @returns false when another record has taken the number */
  async create(seq: number, text: string): Promise<boolean> {
    const path = this.pathOf(seq);
    await this.makeDirectory(seq);
    const temporary = join(this.root, `.${randomBytes(8).toString('hex')}.tmp`);
    try {
      await writeSynced(temporary, text);
      await publishFile(temporary, path);
      return true;
    } catch (error) {
      await removeFile(temporary).catch(() => undefined);
      if (errnoOf(error) === 'EEXIST') return false;
      throw error;
    }
  }

  /** @throws DomainError STATE_FILE_UNTRUSTED: what would be written elsewhere is not written */
  private async makeDirectory(seq: number): Promise<void> {
    const isNew = !(await isPresent(dirname(this.pathOf(seq))));
    makeStateDirectory(this.fileOf(seq)).close();
    if (isNew || seq % PER_DIRECTORY === 0) await fsyncDirectory(this.root);
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
