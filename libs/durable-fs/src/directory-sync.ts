import { open } from 'node:fs/promises';
import { errnoOf } from './fs-errors';
import type { HeldDirectory } from './held-directory';

/** Makes renames, links and unlinks inside the directory durable. Some network file systems refuse to fsync a directory; they order by themselves. */
export async function fsyncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes(errnoOf(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/** The same for a directory that is held open. */
export const syncDirectory = (directory: HeldDirectory): Promise<void> => fsyncDirectory(directory.at());
