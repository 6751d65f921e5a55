import { copyFile, open, readFile, rename } from 'node:fs/promises';
import { partOf } from './children-swap';
import { isPresent } from './presence';
import { removeFile } from './remove';
import type { SwapTarget } from './swap-target';

/** Overwrites a file that cannot be renamed. Until the copy of the old content is complete and on disk, the file is not touched. */
export async function swapInPlace({ path, staged, aside }: SwapTarget): Promise<void> {
  const part = partOf(aside);
  await removeFile(part);
  await copyFile(path, part);
  await syncFile(part);
  await rename(part, aside);
  await overwrite(path, await readFile(staged));
}

/** Writes the old content back, as often as it takes. */
export async function unswapInPlace({ path, aside }: SwapTarget): Promise<void> {
  await removeFile(partOf(aside));
  if (!(await isPresent(aside))) return;
  await overwrite(path, await readFile(aside));
  await removeFile(aside);
}

async function overwrite(path: string, content: Buffer): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    for (let at = 0; at < content.length;)
      at += (await handle.write(content, at, content.length - at, at)).bytesWritten;
    await handle.truncate(content.length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
