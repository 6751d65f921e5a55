import type { FileHandle } from 'node:fs/promises';
import type { TaskRunner } from '../threads/tasks';

/** Blocks of a large file; also the bound between files that are read whole and files that are streamed. */
export const BLOCK_BYTES = 1 << 20;

/** A piece of a file and how it is stored. A failed read is a value: the caller decides between omission and failure. */
export type Block = { raw: Uint8Array; stored: Uint8Array } | { failure: unknown };

/**
 * Deflates a file block by block on all threads. In order, with as many blocks in flight as keep the threads busy; all of them have ended
 * when the iteration does. Joined, the blocks are one deflate stream.
 */
export async function* deflatedBlocks(
  handle: FileHandle,
  size: number,
  options: { pool: TaskRunner; level: number },
): AsyncGenerator<Block> {
  const { pool, level } = options;
  const window: Promise<Block>[] = [];
  const start = (position: number): Promise<Block> => {
    const length = Math.min(BLOCK_BYTES, size - position);
    const task = { fd: handle.fd, position, length, level, last: position + length >= size };
    return pool.run('deflate-block', task).then(
      ({ raw, deflated }) => ({ raw, stored: deflated }),
      (failure: unknown) => ({ failure }),
    );
  };
  let position = 0;
  try {
    while (position < size || window.length > 0) {
      for (; position < size && window.length < pool.size * 2 + 1; position += BLOCK_BYTES)
        window.push(start(position));
      const block = await window.shift();
      if (block !== undefined) yield block;
    }
  } finally {
    // Threads read by descriptor number: it must not be closed, and given to another file, under a running task.
    await Promise.all(window);
  }
}

/** Reads a file block by block, to be stored as it is. */
export async function* storedBlocks(handle: FileHandle, size: number): AsyncGenerator<Block> {
  for (let at = 0; at < size;) {
    const buffer = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, size - at));
    try {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      // The file has shrunk; the comparison afterwards notices.
      if (bytesRead === 0) return;
      at += bytesRead;
      yield { raw: buffer.subarray(0, bytesRead), stored: buffer.subarray(0, bytesRead) };
    } catch (failure) {
      yield { failure };
      return;
    }
  }
}
