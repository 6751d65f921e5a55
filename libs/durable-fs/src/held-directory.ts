import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readlinkSync, type Stats } from 'node:fs';
import { constants as osConstants } from 'node:os';
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

/** What another thread needs to work below a directory that is held open here: descriptors belong to the process. */
export interface HeldRef extends Identity {
  fd: number;
  path: string;
}

/** Carries an errno like a failed system call, and so keeps its meaning when it crosses a thread border. */
export class NotTheSameDirectory extends Error {
  readonly code = 'ESTALE';
  readonly errno = -osConstants.errno.ESTALE;

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

/**
 * Holds a directory further down that a listing has seen, in one step. The directories above it are not opened one by one; that no link led
 * elsewhere is decided on the open descriptor: it is the listed directory, and its path is the listed one below the root.
 * @param relative components joined by `/`; empty for the root itself
 * @throws {@link NotTheSameDirectory}; ENOENT, ENOTDIR, ELOOP, EACCES
 */
export function holdListed(root: HeldRef, relative: string, expected: Identity): HeldDirectory {
  const base = canHold ? `${PROC}/${root.fd}` : root.path;
  const rootPath = canHold ? readlinkSync(base) : root.path;
  const place = held(
    openSync(`${base}/${relative === '' ? '.' : relative}`, DIRECTORY | constants.O_NOFOLLOW),
    join(root.path, relative),
  );
  if (isSameNode(place, expected) && place.path === join(rootPath, relative)) return place;
  place.close();
  throw new NotTheSameDirectory(join(root.path, relative));
}

/**
 * Opens what lies in a held directory. Where directories cannot be held the path is looked at again afterwards.
 * @param name one component
 * @throws {@link NotTheSameDirectory} and the errors of open(2)
 */
export function openIn(directory: HeldDirectory, name: string, flags: number): number {
  const fd = openSync(directory.at(name), flags);
  if (canHold || isStillThere(directory)) return fd;
  closeSync(fd);
  throw new NotTheSameDirectory(directory.path);
}

function isStillThere(directory: HeldDirectory): boolean {
  const now = lstatSync(directory.path, { throwIfNoEntry: false });
  return now !== undefined && isSameNode(now, directory);
}

export const refTo = ({ fd, path, dev, ino }: HeldDirectory): HeldRef => ({ fd, path, dev, ino });

export const isSameNode = (a: Identity, b: Identity): boolean => a.dev === b.dev && a.ino === b.ino;

export const identityOf = ({ dev, ino }: Stats): Identity => ({ dev, ino });

function held(fd: number, opened: string): HeldDirectory {
  try {
    const { dev, ino } = fstatSync(fd);
    const base = canHold ? `${PROC}/${fd}` : opened;
    const path = canHold ? readlinkSync(base) : opened;
    return { fd, dev, ino, path, at: namesIn(base), close: () => closeQuietly(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Nothing was written through it: a failure to close tells nothing. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    return;
  }
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
