import { rm, unlink } from 'node:fs/promises';
import { errnoOf } from './fs-errors';

/** Removes a file; one that is gone already is fine. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

/**
 * Removes a directory with everything in it, never following symbolic links; one that is gone already is fine. Tried again for a moment
 * when something is still being written into it.
 */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}
