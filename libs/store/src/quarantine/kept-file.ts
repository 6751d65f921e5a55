import { open, stat } from 'node:fs/promises';

/** When the latest of these was changed, in milliseconds; those that are not there do not count. */
export async function lastTouched(paths: readonly string[]): Promise<number> {
  return Math.max(...(await Promise.all(paths.map(mtimeOf))));
}

const mtimeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/** Bytes of a file that is on the disk, for its owner alone, when this has ended. */
export async function syncedSize(path: string): Promise<number> {
  const handle = await open(path, 'r+');
  try {
    await handle.chmod(0o600);
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}
