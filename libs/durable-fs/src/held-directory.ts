import { closeSync, constants, existsSync, fstatSync, openSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** Which directory it is, whatever its path says. */
export interface Identity {
  dev: number;
  ino: number;
}

/**
 * A directory that is held open. What is done through {@link at} happens in this very directory, wherever its path leads by now: another
 * program may rename it or put a link in its place, and nobody is led elsewhere by that. Names are single components; to go deeper, hold the
 * child. Needs `/proc` (Linux); without it `at` gives paths, and a swap between two calls is only noticed, see docs/security.md.
 */
export interface HeldDirectory extends Identity {
  fd: number;
  /** The real path at the moment when it was opened; for messages and comparisons, never for access. */
  path: string;
  /** A path for any call of node:fs that takes one. @param name one component; absent: the directory itself */
  at(name?: string): string;
  /** For a name that is no UTF-8. */
  at(name: Buffer): Buffer;
  at(name: string | Buffer): string | Buffer;
  close(): void;
}

export class NotTheSameDirectory extends Error {
  constructor(readonly path: string) {
    super(`${path} is another directory than a moment ago`);
  }
}

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;
const PROC = '/proc/self/fd';
/** Whether `/proc/self/fd/N/name` reaches the entry `name` of the directory behind descriptor N. */
export const canHold = existsSync(PROC) && process.platform === 'linux';

/**
 * Holds the directory that a path leads to, links included: for roots, which are chosen by configuration. What is decided about it has to be
 * decided by its `path` and identity, not by the path that was asked for.
 * @throws ENOENT, ENOTDIR, EACCES, ELOOP
 */
export const holdDirectory = (path: string): HeldDirectory => held(openSync(path, DIRECTORY), path);

/**
 * Holds a child. A link is refused, also one that took the place of the directory a moment ago.
 * @param expected the identity that a listing has seen; another directory is refused
 * @throws ENOTDIR or ELOOP for a link; {@link NotTheSameDirectory}; ENOENT, EACCES
 */
export function holdChild(parent: HeldDirectory, name: string | Buffer, expected?: Identity): HeldDirectory {
  const path = parent.at(name);
  const child = held(openSync(path, DIRECTORY | constants.O_NOFOLLOW), join(parent.path, name.toString()));
  if (expected === undefined || isSameNode(child, expected)) return child;
  child.close();
  throw new NotTheSameDirectory(child.path);
}

/**
 * Holds a directory further down, one component after the other.
 * @param relative components joined by `/`; empty for the root itself, which is opened once more
 */
export function holdBelow(root: HeldDirectory, relative: string): HeldDirectory {
  let current = held(openSync(root.at(), DIRECTORY), root.path);
  for (const name of relative.split('/')) {
    if (name === '') continue;
    try {
      const next = holdChild(current, name);
      current.close();
      current = next;
    } catch (error) {
      current.close();
      throw error;
    }
  }
  return current;
}

export const isSameNode = (a: Identity, b: Identity): boolean => a.dev === b.dev && a.ino === b.ino;

export const identityOf = ({ dev, ino }: Stats): Identity => ({ dev, ino });

function held(fd: number, opened: string): HeldDirectory {
  const { dev, ino } = fstatSync(fd);
  const base = canHold ? `${PROC}/${fd}` : opened;
  const path = canHold ? readlinkSync(base) : opened;
  return { fd, dev, ino, path, at: namesIn(base), close: () => closeSync(fd) };
}

function namesIn(base: string): HeldDirectory['at'] {
  function at(name?: string): string;
  function at(name: Buffer): Buffer;
  function at(name: string | Buffer): string | Buffer;
  function at(name?: string | Buffer): string | Buffer {
    if (name === undefined) return base;
    return typeof name === 'string' ? `${base}/${name}` : Buffer.concat([Buffer.from(`${base}/`), name]);
  }
  return at;
}
