import { closeSync, fchmodSync, futimesSync, openSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { WriteTarget } from '../threads/tasks';

/**
 * Writes a small file of a staging area with its mode and time. `wx`: nothing in a fresh staging area is written twice, and a link that
 * somebody put there is not followed.
 */
export function writeFileOnce({ path, mode, mtimeMs }: WriteTarget, content: Uint8Array): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    for (let done = 0; done < content.length;) done += writeSync(fd, content, done, content.length - done);
    fchmodSync(fd, mode);
    futimesSync(fd, mtimeMs / 1000, mtimeMs / 1000);
  } finally {
    closeSync(fd);
  }
}

/** The same for a large file that comes in pieces. Mode and time are set when it is closed. */
export interface GrowingFile {
  write(piece: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export async function createFile({ path, mode, mtimeMs }: WriteTarget): Promise<GrowingFile> {
  const handle = await open(path, 'wx', 0o600);
  return {
    write: (piece) => writeAll(handle, piece),
    async close() {
      try {
        await handle.chmod(mode);
        await handle.utimes(mtimeMs / 1000, mtimeMs / 1000);
      } finally {
        await handle.close();
      }
    },
  };
}

async function writeAll(handle: FileHandle, piece: Uint8Array): Promise<void> {
  for (let done = 0; done < piece.length;) done += (await handle.write(piece, done, piece.length - done)).bytesWritten;
}
