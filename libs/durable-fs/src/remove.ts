import { readdir, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf } from './fs-errors';
import { type HeldDirectory, holdDirectory, holdUnlocked, mountOf, nodeAt } from './held-directory';
import { mountPointsBelow } from './mount-point';
import { nameForCalls, nameFromBytes } from './raw-name';

const ATTEMPTS = 4;
const PAUSE_MS = 20;
const PARALLEL = 8;

/** Removes a file; one that is gone already is fine. */
export const removeFile = (path: string): Promise<void> => unlinkIfThere(path);

/**
 * Removes a directory, or a file, with everything in it; one that is gone already is fine. Links are never followed, also those that are
 * put there meanwhile; directories that forbid it are unlocked; what is mounted below stays, and the removal fails with EBUSY. Tried again for
 * a moment, because something may still be written into it, and because what is left over costs more than a second look.
 * @throws system errors: EBUSY, EPERM for immutable files
 */
export function removeTree(path: string): Promise<void> {
  return patiently(async () => {
    const parent = holdIfThere(dirname(path));
    if (parent === null) return;
    try {
      await removeUnmounted(parent, basename(path));
    } finally {
      parent.close();
    }
  });
}

/** The same for a name in a directory that is held open. */
export const removeNode = (parent: HeldDirectory, name: string): Promise<void> =>
  patiently(() => removeUnmounted(parent, name));

async function patiently(act: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await delay(PAUSE_MS);
    }
  }
}

async function removeUnmounted(parent: HeldDirectory, name: string): Promise<void> {
  // rmdir refuses a mount point, but only after everything in it is gone.
  const mounts = await mountPointsBelow(join(parent.path, name));
  if (mounts[0] !== undefined) throw busy(mounts[0]);
  await removeOnce(parent, name);
}

async function removeOnce(parent: HeldDirectory, name: string): Promise<void> {
  const node = nodeAt(parent, nameForCalls(name));
  if (node === null) return;
  if (!node.isDirectory()) return unlinkIfThere(parent.at(nameForCalls(name)));
  const directory = holdUnlocked(parent, nameForCalls(name));
  try {
    // By now something may be mounted here that was not, or the path above may be another.
    if (directory.dev !== parent.dev || mountOf(directory) !== mountOf(parent)) throw busy(directory.path);
    await empty(directory);
  } finally {
    directory.close();
  }
  await rmdir(parent.at(nameForCalls(name)));
}

async function empty(directory: HeldDirectory): Promise<void> {
  const entries = await readdir(directory.at(), { encoding: 'buffer', withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).values();
  const remove = async (): Promise<void> => {
    for (const { name } of files) await unlinkIfThere(directory.at(name));
  };
  await Promise.all(Array.from({ length: PARALLEL }, remove));
  for (const entry of entries) if (entry.isDirectory()) await removeOnce(directory, nameFromBytes(entry.name));
}

const unlinkIfThere = async (path: string | Buffer): Promise<void> => {
  try {
    await unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
};

function holdIfThere(path: string): HeldDirectory | null {
  try {
    return holdDirectory(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return null;
    throw error;
  }
}

const busy = (path: string): Error =>
  Object.assign(new Error(`EBUSY: a file system is mounted at ${path}`), { code: 'EBUSY', errno: -16, path });
