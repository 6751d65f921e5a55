import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errnoOf, giveTo, holdDirectory, isPresent, removeFile } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import { LOCK_NAME } from './recover-instance';

/**
 * Makes the working directory where it is missing: the lock and the journal of a restore lie in it.
 * @returns takes it away again if nothing but the lock file is in it; null where it was there
 */
export async function ensureWorkingDirectory(
  deps: Pick<EngineDeps, 'directories'>,
): Promise<(() => Promise<void>) | null> {
  const path = deps.directories.working_dir;
  if (await isPresent(path)) return null;
  const made = makeWithParents(path);
  return async () => {
    await removeFile(join(path, LOCK_NAME)).catch(() => undefined);
    for (const directory of made.reverse()) removeIfEmpty(directory);
  };
}

/** @returns what was made, outermost first; each belongs to the owner of the directory above */
function makeWithParents(path: string): string[] {
  const made: string[] = [];
  try {
    const parent = holdDirectory(dirname(path));
    try {
      mkdirSync(parent.at(basename(path)), { mode: 0o755 });
      giveTo(parent.at(basename(path)), statSync(parent.at()));
      made.push(path);
    } finally {
      parent.close();
    }
    return made;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return [...makeWithParents(dirname(path)), ...makeWithParents(path)];
  }
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errnoOf(error) ?? '')) throw error;
  }
}
