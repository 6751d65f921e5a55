import type { FileHandle } from 'node:fs/promises';

export interface Line {
  text: string;
  /** Of the byte after its line break. */
  end: number;
}

const CHUNK_BYTES = 256 * 1024;
/** A path, the place where it is kept and the reason, each escaped, stay far below. */
const MOST_LINE_BYTES = 256 * 1024;
const LINE_BREAK = 0x0a;

/** The file is not one of lines, or one is longer than any that PawVault writes. */
export class NotLines extends Error {}

/**
 * The lines of a file from an offset on, in lists of what one read gives: at most a chunk and a line are in memory.
 * @throws NotLines; the reason of the signal
 */
export async function* readLines(
  handle: FileHandle,
  { from, signal }: { from: number; signal: AbortSignal | undefined },
): AsyncGenerator<Line[]> {
  let rest: Buffer = Buffer.alloc(0);
  let at = from;
  for (;;) {
    signal?.throwIfAborted();
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, at + rest.length);
    if (bytesRead === 0) break;
    const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    const { lines, used } = split(bytes, at);
    yield lines;
    rest = bytes.subarray(used);
    at += used;
    if (rest.length > MOST_LINE_BYTES) throw new NotLines('a line is too long');
  }
  if (rest.length > 0) throw new NotLines('the last line has no end');
}

function split(bytes: Buffer, offset: number): { lines: Line[]; used: number } {
  const lines: Line[] = [];
  let used = 0;
  for (let end = bytes.indexOf(LINE_BREAK); end !== -1; end = bytes.indexOf(LINE_BREAK, used)) {
    lines.push({ text: bytes.toString('utf8', used, end), end: offset + end + 1 });
    used = end + 1;
  }
  return { lines, used };
}

/** Whether a line begins at this offset. */
export async function isLineStart(handle: FileHandle, offset: number): Promise<boolean> {
  if (offset === 0) return true;
  const before = Buffer.alloc(1);
  const { bytesRead } = await handle.read(before, 0, 1, offset - 1);
  return bytesRead === 1 && before[0] === LINE_BREAK;
}
