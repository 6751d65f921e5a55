import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { opendir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { fsyncDirectory } from './directory-sync';

/**
 * Makes a tree that was just written durable. One `syncfs` for its file system (coreutils `sync -f`) costs a fraction of an fsync per file;
 * where the command is missing or does not know the option, every file and directory is synced by itself.
 */
export async function syncFileSystem(root: string): Promise<void> {
  if (await syncfs(root)) return;
  await syncEach(root);
}

async function syncfs(root: string): Promise<boolean> {
  const child = spawn('sync', ['-f', root], { stdio: 'ignore' });
  const [code] = (await Promise.race([once(child, 'exit'), once(child, 'error').then(() => [-1])])) as [number | null];
  return code === 0;
}

async function syncEach(directory: string): Promise<void> {
  for await (const entry of await opendir(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await syncEach(path);
    else if (entry.isFile()) await syncFile(path);
  }
  await fsyncDirectory(directory);
}

/** Waits until the content of a file is on disk. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
