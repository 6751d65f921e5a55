import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, publishFile, removeFile } from '@pawvault/durable-fs';

const BYTES = 32;

/**
 * The secret that signs addresses of downloads, in `.pawvault/download-key`: there, because every gateway of an installation sees it, and
 * who can read the backup directory needs no ticket to its archives. It is made when it is first needed; to take back every ticket, remove it.
 */
export class DownloadKey {
  private readonly directory: string;
  private readonly path: string;

  constructor(backupDir: string) {
    this.directory = join(backupDir, '.pawvault');
    this.path = join(this.directory, 'download-key');
  }

  /** @returns null when none was made yet, or what is there is no key: then no ticket can be right */
  async read(): Promise<Buffer | null> {
    try {
      const key = await readFile(this.path);
      return key.length === BYTES ? key : null;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  /** The key, made by whichever gateway comes first. */
  async obtain(): Promise<Buffer> {
    const known = await this.read();
    if (known !== null) return known;
    await this.make();
    const made = await this.read();
    if (made === null) throw new Error(`${this.path} is not a key of ${BYTES} bytes`);
    return made;
  }

  private async make(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const temporary = join(this.directory, `.download-key.${randomBytes(6).toString('hex')}.tmp`);
    try {
      const handle = await open(temporary, 'wx', 0o600);
      try {
        await handle.writeFile(randomBytes(BYTES));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await publishFile(temporary, this.path);
    } catch (error) {
      await removeFile(temporary).catch(() => undefined);
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }
}
