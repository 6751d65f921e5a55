import { lstat } from 'node:fs/promises';
import { errnoOf } from './fs-errors';

/** True when there is something at the path, a dangling link included. Errors other than absence are thrown: they must not pass for it. */
export async function isPresent(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}
