import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './fs-errors';

/**
 * Bytes that this user may still write on the file system of `path` (root's reserve is not counted). For a path that does not exist yet,
 * its nearest existing parent answers.
 */
export async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return freeBytes(dirname(path));
  }
}
