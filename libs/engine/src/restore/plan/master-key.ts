import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveReader, ZipEntry } from '@pawvault/archive';
import { type JobWarning, SECRETS_PREFIX } from '@pawvault/contracts';
import { errnoOf, toDomainError } from '@pawvault/durable-fs';

export const MASTER_KEY = '.master_key';
/** A key is some hundred bytes; what is larger is none, and counts as another one. */
const MAX_KEY_BYTES = 64 * 1024;

export interface MasterKeyDecision {
  /** The archive has none: the local one stays where it is. */
  keeps: boolean;
  /** The local one would change: it is copied to safety first. */
  replaces: boolean;
  warning: JobWarning | null;
}

/**
 * What becomes of the master key when secrets are restored.
 * @param secretDir real path of the secret directory; it may be missing
 * @throws DomainError PERMISSION_DENIED, IO_ERROR when the local key cannot be read; ARCHIVE_* when that of the archive is damaged
 */
export async function decideMasterKey(reader: ArchiveReader, secretDir: string): Promise<MasterKeyDecision> {
  const local = await readKey(secretDir);
  const entry = reader.get(`${SECRETS_PREFIX}${MASTER_KEY}`);
  if (entry === undefined) return { keeps: local !== null, replaces: false, warning: local === null ? noKey() : null };
  if (local === null) return { keeps: false, replaces: false, warning: null };
  return { keeps: false, replaces: !(await isSameKey(reader, entry, local)), warning: null };
}

async function isSameKey(reader: ArchiveReader, entry: ZipEntry, local: Buffer | 'too_large'): Promise<boolean> {
  if (local === 'too_large' || entry.type !== 'file' || entry.size !== local.length) return false;
  return (await reader.read(entry, MAX_KEY_BYTES)).equals(local);
}

/** The local key, never read through a link. null: there is none; too_large: what is there is no key. */
export async function readKey(secretDir: string): Promise<Buffer | 'too_large' | null> {
  const path = join(secretDir, MASTER_KEY);
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return null;
      throw toDomainError(error, path);
    },
  );
  if (handle === null) return null;
  try {
    const stat = await handle.stat();
    return !stat.isFile() || stat.size > MAX_KEY_BYTES ? 'too_large' : await handle.readFile();
  } catch (error) {
    throw toDomainError(error, path);
  } finally {
    await handle.close();
  }
}

const noKey = (): JobWarning => ({
  code: 'MASTER_KEY_NOT_IN_BACKUP',
  message:
    'Neither the backup nor the instance has a .master_key (it may be in the keyring of the system): the secrets may be unreadable',
});
