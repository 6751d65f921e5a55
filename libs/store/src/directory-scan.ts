import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { errnoOf } from '@pawvault/durable-fs';
import { type Fingerprint, fingerprintOf } from './fingerprint';
import { mapBounded } from './map-bounded';

/** One `*.zip` of the backup directory. */
export interface ArchiveFile extends Fingerprint {
  name: string;
  path: string;
}

const PARALLEL_STATS = 64;

/**
 * The regular `*.zip` files directly in the directory, by name. Names with a leading dot are files in the making or not for users.
 * A directory that does not exist yet holds nothing.
 * @throws DomainError BACKUP_DIR_UNUSABLE
 */
export async function scanDirectory(directory: string): Promise<ArchiveFile[]> {
  const names = (await archiveNames(directory)).sort();
  const files = await mapBounded(names, PARALLEL_STATS, (name) => statArchive(directory, name));
  return files.filter((file) => file !== null);
}

/** The file, or null when it is gone or no regular file. Symbolic links are not followed: they could lead out of the directory. */
export async function statArchive(directory: string, name: string): Promise<ArchiveFile | null> {
  const path = join(directory, name);
  const stat = await lstatIfPresent(path);
  return stat?.isFile() ? { name, path, ...fingerprintOf(stat) } : null;
}

async function lstatIfPresent(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw unusable(error);
  }
}

async function archiveNames(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith('.zip') && !name.startsWith('.'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw unusable(error);
  }
}

const unusable = (error: unknown): unknown => {
  const errno = errnoOf(error);
  return errno === undefined ? error : new DomainError('BACKUP_DIR_UNUSABLE', undefined, { errno }, { cause: error });
};
