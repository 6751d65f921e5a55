import { closeSync, fstatSync, readSync, type Stats } from 'node:fs';

/**
 * A file as it was read. `content` is valid until the next reading in this thread: small files share one buffer. `stable` is false when
 * it changed during every attempt; then `content` may mix two states.
 */
export interface StableContent {
  content: Buffer;
  stat: Stats;
  stable: boolean;
}

/** Carries an errno like a failed system call, and so keeps its meaning when it crosses a thread border. */
export class NotARegularFile extends Error {
  readonly code = NOT_A_REGULAR_FILE;
  readonly errno = -79;
}

/** EFTYPE of BSD; no call of Linux gives it. */
export const NOT_A_REGULAR_FILE = 'EFTYPE';

/** A file that can be opened again and again. */
export interface Readable {
  /** For messages, and for telling a `.json`. */
  name: string;
  /** @returns a new descriptor, which the reader closes */
  open(): number;
}

/** Before each further look at a file that is not at rest. */
export const PAUSES_MS: readonly number[] = [15, 30, 45];
/** Kernel timestamps advance in ticks of up to 10 ms: two writes within one tick look like one. */
const RACY_MS = 25;
/** QwenPaw truncates and rewrites JSON in place; only a recent file can be caught half-written. */
export const RECENT_MS = 5_000;
/** A file that outgrew this since it was listed is kept as its first part and reported. */
export const MAX_IN_MEMORY_BYTES = 32 * 1024 * 1024;

/**
 * Reads a file that may be written at the same time: again while size, times or inode differ before and after, and, for a
 * recent `.json`, while it does not parse.
 * @param listed size and time from the listing; a file that still has both has not changed since
 * @param wait blocks for so many milliseconds
 * @throws NotARegularFile; system errors (ENOENT, EACCES, EIO) as they are
 */
export function readStable(
  file: Readable,
  listed: Listed,
  wait: (milliseconds: number) => void = pause,
): StableContent {
  let read = readListed(file, listed) ?? readOnce(file);
  for (const milliseconds of PAUSES_MS) {
    if (settled(file, read)) break;
    const earlier = Buffer.from(read.content);
    wait(milliseconds);
    const again = readOnce(file);
    // The same bytes twice are a state that existed, whatever the timestamps say.
    const same = again.unchanged && again.content.equals(earlier);
    read = { ...again, unchanged: again.unchanged, racy: again.racy && !same };
    if (same && !looksHalfWritten(file, read)) break;
  }
  return { content: read.content, stat: read.stat, stable: read.unchanged };
}

interface Read {
  content: Buffer;
  stat: Stats;
  unchanged: boolean;
  racy: boolean;
}

const settled = (file: Readable, read: Read): boolean => read.unchanged && !read.racy && !looksHalfWritten(file, read);

export interface Listed {
  size: number;
  mtimeMs: number;
}

/** The quick way, right for nearly all files: the listing stands in for the look before. @returns null when the file is another by now */
function readListed(file: Readable, listed: Listed): Read | null {
  if (listed.size > MAX_IN_MEMORY_BYTES) return null;
  const fd = file.open();
  try {
    const content = readUpTo(fd, listed.size);
    const stat = fstatSync(fd);
    const same =
      stat.isFile() && stat.size === content.length && stat.size === listed.size && stat.mtimeMs === listed.mtimeMs;
    return same ? { content, stat, unchanged: true, racy: Date.now() - stat.mtimeMs < RACY_MS } : null;
  } finally {
    closeSync(fd);
  }
}

function readOnce(file: Readable): Read {
  const fd = file.open();
  try {
    const before = fstatSync(fd);
    if (!before.isFile()) throw new NotARegularFile(file.name);
    const content = readUpTo(fd, Math.min(before.size, MAX_IN_MEMORY_BYTES));
    const after = fstatSync(fd);
    const unchanged = sameState(before, after) && content.length === after.size;
    return { content, stat: after, unchanged, racy: Date.now() - after.mtimeMs < RACY_MS };
  } finally {
    closeSync(fd);
  }
}

/** One buffer for all ordinary files of a thread; larger ones get their own. */
const scratch = Buffer.allocUnsafeSlow(1 << 20);

function readUpTo(fd: number, length: number): Buffer {
  const buffer = length <= scratch.length ? scratch.subarray(0, length) : Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, buffer, done, length - done, done);
    if (count === 0) break;
    done += count;
  }
  return buffer.subarray(0, done);
}

/** True when nothing that a write leaves behind differs. */
export const sameState = (a: Stats, b: Stats): boolean =>
  a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino && a.dev === b.dev;

function looksHalfWritten({ name }: Readable, { content, stat }: Read): boolean {
  if (!name.endsWith('.json') || Date.now() - stat.mtimeMs > RECENT_MS) return false;
  try {
    JSON.parse(content.toString('utf8'));
    return false;
  } catch {
    return true;
  }
}

/** Blocks this thread; threads have nothing else to do meanwhile. */
export function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
