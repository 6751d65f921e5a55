import { chmod, mkdir, readdir, rename, rmdir, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fsyncDirectory } from './directory-sync';
import { errnoOf } from './fs-errors';
import { isPresent } from './presence';
import type { DirectoryAttributes, SwapTarget } from './swap-target';

/**
 * Exchanges the children of a directory that has to stay. The old ones first go to `<aside>.part`; renaming that to `aside` marks, in one
 * step, that whatever lies in the directory from then on is new.
 */
export async function swapChildren(target: SwapTarget): Promise<void> {
  const { path, staged, aside, carry } = target;
  const part = partOf(target.aside);
  await mkdir(part, { mode: 0o700 });
  for (const name of await childrenOf(target)) await rename(join(path, name), join(part, name));
  await rename(part, aside);
  await fsyncDirectory(path);
  for (const inner of carry) await rename(join(aside, inner), join(staged, inner));
  for (const name of await readdir(staged)) await rename(join(staged, name), join(path, name));
  await fsyncDirectory(path);
}

/** Brings the old children back, from any step of {@link swapChildren} or of itself. */
export async function unswapChildren(target: SwapTarget): Promise<void> {
  const { path, staged, aside, carry } = target;
  const part = partOf(target.aside);
  if (await isPresent(aside)) {
    for (const name of await childrenOf(target)) await rename(join(path, name), join(staged, name));
    for (const inner of carry) {
      if (!(await isPresent(join(aside, inner))) && (await isPresent(join(staged, inner)))) {
        await rename(join(staged, inner), join(aside, inner));
      }
    }
    await rename(aside, part);
  }
  if (!(await isPresent(part))) return;
  for (const name of await readdir(part)) await rename(join(part, name), join(path, name));
  await rmdir(part);
  await fsyncDirectory(path);
}

/**
 * The directory itself is not exchanged; its mode and time are set. Last of all, because every rename inside changes the time. One that
 * belongs to somebody else keeps its own: the root of a volume is root's in Kubernetes, and open to us by its group.
 */
export async function setAttributes(path: string, attributes: DirectoryAttributes): Promise<void> {
  try {
    await chmod(path, attributes.mode & 0o7777);
    await utimes(path, attributes.mtime_ms / 1000, attributes.mtime_ms / 1000);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error;
  }
}

/** Holds the old content while it is still being collected. */
export const partOf = (aside: string): string => `${aside}.part`;

/** What belongs to the directory, without the areas of this transaction. */
async function childrenOf(target: SwapTarget): Promise<string[]> {
  const own = new Set([target.staged, target.aside, partOf(target.aside)].map((path) => basename(path)));
  return (await readdir(target.path)).filter((name) => !own.has(name));
}
