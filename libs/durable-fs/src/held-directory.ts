import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from 'node:fs';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';
import { nameForCalls } from './raw-name';

/** Which directory it is, whatever its path says. */
export interface Identity {
  dev: number;
  ino: number;
}

/**
 * A directory that is held open. What is done through {@link at} happens in this very directory, wherever its path leads by now: another
 * program may rename it or put a link in its place, and that leads no later call elsewhere. Names are single components; to go deeper, hold the
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
/** Opens a node without any access to its content, which needs no permission on it (open(2)); Node has no name for the flag. */
export const O_PATH = process.platform === 'linux' ? 0o10000000 : 0;
/** Whether `/proc/self/fd/N/name` reaches the entry `name` of the directory behind descriptor N. */
export const canHold = existsSync(PROC) && process.platform === 'linux';

/**
 * Holds the directory that a path leads to, links included: for roots, which are chosen by configuration. What is decided about it has to be
 * decided by its `path` and identity, not by the path that was asked for.
 * @throws ENOENT, ENOTDIR, EACCES, ELOOP
 */
export const holdDirectory = (path: string): HeldDirectory => held(openSync(path, DIRECTORY), path);

/**
 * Holds the directory at a real path, if it is still exactly there: no component may have become a link since the path was resolved.
 * @throws {@link NotTheSameDirectory}; ENOENT, ENOTDIR, EACCES
 */
export function holdExactly(realPath: string): HeldDirectory {
  const directory = held(openSync(realPath, DIRECTORY | constants.O_NOFOLLOW), realPath);
  if (directory.path === realPath) return directory;
  directory.close();
  throw new NotTheSameDirectory(realPath);
}

/** A directory that another part of this process, or another thread of it, holds: `close` leaves it open. */
export const borrowDirectory = (fd: number): HeldDirectory => ({ ...describe(fd, ''), close: () => undefined });

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

/** Holds a child without the right to list it: for its own attributes, and to go further down. */
export const holdUnread = (parent: HeldDirectory, name: string | Buffer): HeldDirectory =>
  held(
    openSync(parent.at(name), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW),
    join(parent.path, name.toString()),
  );

/**
 * Holds a directory further down, one component after the other.
 * @param relative components joined by `/`; empty for the root itself, which is opened once more
 */
export function holdBelow(root: HeldDirectory, relative: string): HeldDirectory {
  let current = held(openSync(root.at(), DIRECTORY), root.path);
  for (const name of relative.split('/')) {
    if (name === '') continue;
    try {
      const next = holdChild(current, nameForCalls(name));
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
 * Holds a child that may lack the permissions for that: they are granted first, as the owner of the directory may. A caller that has to put
 * the former mode back looks first.
 */
export function holdUnlocked(parent: HeldDirectory, name: string | Buffer): HeldDirectory {
  const fd = openSync(parent.at(name), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const { mode } = fstatSync(fd);
    if ((mode & 0o700) !== 0o700) chmodSync(`${PROC}/${fd}`, (mode & 0o7777) | 0o700);
    return holdChild(parent, name);
  } finally {
    closeQuietly(fd);
  }
}

/** The node at a name, links not followed, or null. Errors other than absence are thrown: they must not pass for it. */
export const nodeAt = (directory: HeldDirectory, name: string | Buffer): Stats | null =>
  lstatSync(directory.at(name), { throwIfNoEntry: false }) ?? null;

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

/** Which mount a directory is in, bind mounts of the same device included (proc(5), fdinfo); null where the system does not tell. */
export function mountOf({ fd }: HeldDirectory): string | null {
  if (!canHold) return null;
  return /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? null;
}

export const isSameNode = (a: Identity, b: Identity): boolean => a.dev === b.dev && a.ino === b.ino;

export const identityOf = ({ dev, ino }: Stats): Identity => ({ dev, ino });

/** By descriptor, also of those that are closed: an error that speaks of `/proc/self/fd/N` comes when the directory may be closed already. */
const lastPaths = new Map<number, string>();
const THROUGH_DESCRIPTOR = /^\/proc\/self\/fd\/(\d+)(.*)$/s;

/** The path that a person knows, of one that leads through a held directory; any other comes back as it is. */
export function knownPath(path: string): string {
  const [, fd, rest = ''] = THROUGH_DESCRIPTOR.exec(path) ?? [];
  const directory = fd === undefined ? undefined : lastPaths.get(Number(fd));
  return directory === undefined ? path : directory + rest;
}

function held(fd: number, opened: string): HeldDirectory {
  try {
    return describe(fd, opened);
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}

function describe(fd: number, opened: string): HeldDirectory {
  const { dev, ino } = fstatSync(fd);
  const base = canHold ? `${PROC}/${fd}` : opened;
  const path = canHold ? readlinkSync(base) : opened;
  lastPaths.set(fd, path);
  return { fd, dev, ino, path, at: namesIn(base), close: once(() => closeQuietly(fd)) };
}

/** A descriptor that is closed twice may be that of another file by then. */
function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

/** Nothing is written through a directory: a failure to close it tells nothing, and must not keep the next one from being closed. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // The descriptor is free all the same (close(2)).
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
