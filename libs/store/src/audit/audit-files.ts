import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf, fsyncDirectory, publishFile, removeFile } from '@pawvault/durable-fs';

const DIGITS = 12;
const PER_DIRECTORY = 1000;
const FILE = /^\d{12}\.json$/;
const DIRECTORY = /^\d{9}$/;

/**
 * One file a record, named by its number: creating a name that must not exist yet is the one thing that several processes can do on any file
 * system, also a shared one, without a lock. A thousand files a directory.
 */
export class AuditFiles {
  constructor(private readonly root: string) {}

  pathOf(seq: number): string {
    const name = String(seq).padStart(DIGITS, '0');
    return join(this.root, name.slice(0, -3), `${name}.json`);
  }

  /** @returns null when there is no such record */
  async read(seq: number): Promise<string | null> {
    try {
      return await readFile(this.pathOf(seq), 'utf8');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    }
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
    await this.makeDirectory(dirname(path), seq);
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

  private async makeDirectory(path: string, seq: number): Promise<void> {
    const made = await mkdir(path, { recursive: true, mode: 0o700 });
    if (made !== undefined || seq % PER_DIRECTORY === 0) await fsyncDirectory(this.root);
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
