import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import {
  errnoOf,
  makeStateDirectory,
  publishFile,
  readStateFile,
  removeFile,
  type StatePlace,
} from '@pawvault/durable-fs';

const BYTES = 32;
const NAME = 'download-key';

/**
 * The secret that signs addresses of downloads, in `.pawvault/download-key`: there, because every gateway of an installation sees it, and
 * who can read the backup directory needs no ticket to its archives. It is made when it is first needed; to take back every ticket, remove it.
 */
export class DownloadKey {
  private readonly place: StatePlace;
  private readonly directory: string;
  private readonly path: string;

  constructor(backupDir: string) {
    this.place = { root: backupDir, below: '.pawvault' };
    this.directory = join(backupDir, '.pawvault');
    this.path = join(this.directory, NAME);
  }

  /** @returns null when none was made yet, or what is there is no key of PawVault's: then no ticket can be right */
  async read(): Promise<Buffer | null> {
    try {
      return await this.load();
    } catch (error) {
      if (error instanceof DomainError && error.code === 'STATE_FILE_UNTRUSTED') return null;
      throw error;
    }
  }

  private async load(): Promise<Buffer | null> {
    const key = await readStateFile({ ...this.place, name: NAME }, { maxBytes: BYTES, maxLinks: 2 });
    return key?.length === BYTES ? key : null;
  }

  /** The key, made by whichever gateway comes first. @throws DomainError STATE_FILE_UNTRUSTED for one that another user may know */
  async obtain(): Promise<Buffer> {
    const known = await this.load();
    if (known !== null) return known;
    await this.make();
    const made = await this.load();
    if (made === null) throw new Error(`${this.path} is not a key of ${BYTES} bytes`);
    return made;
  }

  private async make(): Promise<void> {
    makeStateDirectory(this.place).close();
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
