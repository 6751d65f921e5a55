import { link, lstat, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fsyncDirectory } from './directory-sync';
import { errnoOf } from './fs-errors';
import { isPresent } from './presence';
import { removeFile } from './remove';
import type { SwapTarget } from './swap-target';

/** Exchanges a directory or file with the staged one beside it. Every step can be told from what lies on the disk, so none is journalled. */
export async function swapSibling(target: SwapTarget): Promise<void> {
  const { path, staged, aside, carry } = target;
  if (await isFile(path)) await keepFile(path, aside);
  else if (target.existed) await rename(path, aside);
  for (const inner of carry) await rename(join(aside, inner), join(staged, inner));
  await rename(staged, path);
  await fsyncDirectory(dirname(path));
}

/**
 * Brings the old content back, from any step of {@link swapSibling} or of itself. New content goes back to `staged`.
 */
export async function unswapSibling(target: SwapTarget): Promise<void> {
  const { path, staged, aside, carry, existed } = target;
  const setAside = await isPresent(aside);
  if (existed && !setAside) return;
  if (await isFile(aside)) return restoreFile(target);
  const published = (await isPresent(path)) && !(await isPresent(staged));
  if (published) await rename(path, staged);
  if (!existed && !published) return;
  if (!existed) return fsyncDirectory(dirname(path));
  for (const inner of carry) {
    if (!(await isPresent(join(aside, inner))) && (await isPresent(join(staged, inner)))) {
      await rename(join(staged, inner), join(aside, inner));
    }
  }
  await rename(aside, path);
  await fsyncDirectory(dirname(path));
}

/** A file is never missing from its place: a second name keeps the old content while the new one is renamed over it. */
async function keepFile(path: string, aside: string): Promise<void> {
  try {
    await link(path, aside);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errnoOf(error) ?? '')) throw error;
    await rename(path, aside);
  }
}

async function restoreFile({ path, aside }: SwapTarget): Promise<void> {
  await rename(aside, path);
  // Where both are names of one file, rename does nothing and leaves both (POSIX).
  await removeFile(aside);
  await fsyncDirectory(dirname(path));
}

const isFile = async (path: string): Promise<boolean> => (await isPresent(path)) && !(await lstat(path)).isDirectory();
