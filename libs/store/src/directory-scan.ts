import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { errnoOf } from '@pawvault/durable-fs';
import { followLink } from './archive-link';
import { type Fingerprint, fingerprintOf } from './fingerprint';
import { mapBounded } from './map-bounded';

/** One `*.zip` of the backup directory. */
export interface ArchiveFile extends Fingerprint {
  name: string;
  path: string;
  /** Where its bytes are: `path`, or the regular file that the link at `path` leads to; null for a link that is not followed. */
  source: string | null;
}

const PARALLEL_STATS = 64;

/**
 * The `*.zip` files directly in the directory, by name: regular ones and symbolic links, hidden ones as well, since QwenPaw lists them too. What macOS
 * puts beside a file on drives of others (`._name.zip`) is none. A directory that does not exist yet holds nothing.
 * @throws DomainError BACKUP_DIR_UNUSABLE
 */
export async function scanDirectory(directory: string): Promise<ArchiveFile[]> {
  const names = (await archiveNames(directory)).sort();
  const files = await mapBounded(names, PARALLEL_STATS, (name) => statArchive(directory, name));
  return files.filter((file) => file !== null);
}

/** The file, or null when it is gone or neither a regular file nor a link. */
export async function statArchive(directory: string, name: string): Promise<ArchiveFile | null> {
  const path = join(directory, name);
  const stat = await lstatIfPresent(path);
  if (stat?.isFile()) return { name, path, source: path, ...fingerprintOf(stat) };
  if (!stat?.isSymbolicLink()) return null;
  const linked = await followLink(path, stat);
  return { name, path, source: linked?.path ?? null, ...fingerprintOf(linked?.stat ?? stat) };
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
    return (await readdir(directory)).filter((name) => name.endsWith('.zip') && !name.startsWith('._'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw unusable(error);
  }
}

const unusable = (error: unknown): unknown => {
  const errno = errnoOf(error);
  return errno === undefined ? error : new DomainError('BACKUP_DIR_UNUSABLE', undefined, { errno }, { cause: error });
};
