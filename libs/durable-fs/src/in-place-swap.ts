import { copyFile, open, readFile, rename, stat } from 'node:fs/promises';
import { partOf, setAttributes } from './children-swap';
import { syncFile } from './file-system-sync';
import { isPresent } from './presence';
import { removeFile } from './remove';
import type { SwapTarget } from './swap-target';

/**
 * Overwrites a file that cannot be renamed; mode and time come along with the content. Until the copy of the old content is complete and on
 * disk, the file is not touched.
 */
export async function swapInPlace({ path, staged, aside }: SwapTarget): Promise<void> {
  const part = partOf(aside);
  await removeFile(part);
  await copyFile(path, part);
  await takeAttributes(path, part);
  await syncFile(part);
  await rename(part, aside);
  await overwrite(path, staged);
}

/** Writes the old content back, as often as it takes. */
export async function unswapInPlace({ path, aside }: SwapTarget): Promise<void> {
  await removeFile(partOf(aside));
  if (!(await isPresent(aside))) return;
  await overwrite(path, aside);
  await removeFile(aside);
}

async function overwrite(path: string, from: string): Promise<void> {
  const content = await readFile(from);
  const handle = await open(path, 'r+');
  try {
    for (let at = 0; at < content.length;)
      at += (await handle.write(content, at, content.length - at, at)).bytesWritten;
    await handle.truncate(content.length);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await takeAttributes(from, path);
}

async function takeAttributes(from: string, to: string): Promise<void> {
  const { mode, mtimeMs } = await stat(from);
  await setAttributes(to, { mode, mtime_ms: mtimeMs });
}
