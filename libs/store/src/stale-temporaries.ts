import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, holdStateDirectory, removeFile } from '@pawvault/durable-fs';

/** A small file is written in milliseconds; whoever has not given it its name by now was killed over it. */
const STALE_MS = 10 * 60 * 1000;
const TEMPORARY = /^\..+\.tmp$/;

/**
 * Removes what processes that were killed have left beside the records below `.pawvault/`: files that had no name yet. Work and quarantine have
 * directories of their own, and whoever looks after those.
 * @returns their paths
 * @throws DomainError STATE_FILE_UNTRUSTED if `.pawvault` is not PawVault's own
 */
export async function removeStaleTemporaries(backupDir: string, now: Date): Promise<string[]> {
  const own = holdStateDirectory({ root: backupDir, below: '.pawvault' });
  if (own === null) return [];
  own.close();
  const root = join(backupDir, '.pawvault');
  const removed: string[] = [];
  for (const directory of await subdirectories(root)) {
    for (const name of (await namesIn(directory)).filter((each) => TEMPORARY.test(each))) {
      const path = join(directory, name);
      if (!(await isStale(path, now))) continue;
      await removeFile(path);
      removed.push(path);
    }
  }
  return removed;
}

async function subdirectories(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(asEmpty);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(root, name));
}

const namesIn = (directory: string): Promise<string[]> => readdir(directory).catch(asEmpty);

function asEmpty(error: unknown): never[] {
  if (errnoOf(error) === 'ENOENT') return [];
  throw error;
}

/** One that has got its name meanwhile is none. */
const isStale = (path: string, now: Date): Promise<boolean> =>
  stat(path).then(
    ({ mtimeMs }) => now.getTime() - mtimeMs > STALE_MS,
    () => false,
  );
