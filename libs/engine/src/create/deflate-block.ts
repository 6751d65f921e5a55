import { readSync } from 'node:fs';
import { constants, deflateRawSync } from 'node:zlib';
import type { DeflateBlockInput, DeflateBlockOutput } from '../threads/tasks';
import { isCompressible } from './compressibility';

/**
 * Reads a block of a large file and deflates it on its own. Blocks that end with a sync flush can be joined to one valid deflate
 * stream, so one large file keeps every core busy. A block that does not shrink is passed through in stored blocks.
 */
export function deflateBlock({ fd, position, length, level, last }: DeflateBlockInput): DeflateBlockOutput {
  const raw = readUpTo(fd, position, length);
  const deflated = deflateRawSync(raw, {
    level: isCompressible(raw) ? level : constants.Z_NO_COMPRESSION,
    finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
  });
  return { raw, deflated };
}

/** Fewer bytes than asked for mean that the file has shrunk; the caller compares. */
function readUpTo(fd: number, position: number, length: number): Uint8Array {
  const buffer = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, buffer, done, length - done, position + done);
    if (count === 0) return buffer.slice(0, done);
    done += count;
  }
  return buffer;
}
