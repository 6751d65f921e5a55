import { link, lstat, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fsyncDirectory } from './directory-sync';
import { errnoOf } from './fs-errors';

/** File systems without hard links (exFAT, some SMB and FUSE mounts) answer with one of these. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Gives a finished, fsynced temporary file its final name, and never replaces what stands there.
 * A hard link is the only portable rename that fails when the target exists, so a worker that was frozen and
 * wakes up late cannot publish over the work of its successor.
 * @throws EEXIST when the target exists; ENOENT when the temporary file was taken away
 */
export async function publishFile(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
    await unlink(temporary);
  } catch (error) {
    if (!NO_LINKS.has(errnoOf(error) ?? '')) throw error;
    await renameIfAbsent(temporary, target);
  }
  await fsyncDirectory(dirname(target));
}

/** Replaces the target in one step: readers see the old file or the new one. */
export async function replaceFile(temporary: string, target: string): Promise<void> {
  await rename(temporary, target);
  await fsyncDirectory(dirname(target));
}

async function renameIfAbsent(temporary: string, target: string): Promise<void> {
  const present = await lstat(target).then(
    () => true,
    () => false,
  );
  if (present) throw Object.assign(new Error(`EEXIST: ${target}`), { code: 'EEXIST', errno: -17, path: target });
  await rename(temporary, target);
}
