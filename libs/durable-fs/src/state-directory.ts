import { fstatSync, lstatSync, mkdirSync } from 'node:fs';
import { errnoOf, toDomainError } from './fs-errors';
import { type HeldDirectory, holdChild, holdDirectory } from './held-directory';
import { untrusted, untrustedRights } from './state-trust';

/** What PawVault keeps for itself below a directory that others may write as well. */
export interface StatePlace {
  /** Chosen by configuration, and trusted as far: the backup directory. Links in it are followed. */
  root: string;
  /** Names joined by `/`, e.g. `.pawvault/imports`. Each has to be a directory of this user that is no link. */
  below: string;
}

/**
 * Holds a directory of PawVault's own, after a look at every step of the way to it.
 * @returns null if there is none
 * @throws DomainError STATE_FILE_UNTRUSTED {path, reason}; PERMISSION_DENIED, IO_ERROR
 */
export const holdStateDirectory = (place: StatePlace): HeldDirectory | null => walk(place, () => false);

/** As {@link holdStateDirectory}, and makes what is missing, for this user alone; the root as well. */
export function makeStateDirectory(place: StatePlace): HeldDirectory {
  try {
    mkdirSync(place.root, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw toDomainError(error, place.root);
  }
  const held = walk(place, makeChild);
  if (held === null) throw new RangeError('A directory that was just made is gone');
  return held;
}

function makeChild(parent: HeldDirectory, name: string): boolean {
  try {
    mkdirSync(parent.at(name), { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  return true;
}

/** @param prepare called before each step; may make the directory */
function walk(
  { root, below }: StatePlace,
  prepare: (parent: HeldDirectory, name: string) => boolean,
): HeldDirectory | null {
  let current: HeldDirectory | null = null;
  try {
    current = holdDirectory(root);
    for (const name of below.split('/')) {
      prepare(current, name);
      const next: HeldDirectory = step(current, name);
      current.close();
      current = next;
    }
    return current;
  } catch (error) {
    current?.close();
    if (errnoOf(error) === 'ENOENT') return null;
    throw toDomainError(error, current === null ? root : `${current.path}`);
  }
}

function step(parent: HeldDirectory, name: string): HeldDirectory {
  const path = `${parent.path}/${name}`;
  try {
    return assertTrusted(holdChild(parent, name), path);
  } catch (error) {
    if (errnoOf(error) !== 'ELOOP' && errnoOf(error) !== 'ENOTDIR') throw error;
    throw untrusted(path, isLink(parent.at(name)) ? 'link' : 'not_a_directory');
  }
}

/** Closes what it does not take. */
function assertTrusted(child: HeldDirectory, path: string): HeldDirectory {
  try {
    const reason = untrustedRights(fstatSync(child.fd), child);
    if (reason !== null) throw untrusted(path, reason);
    return child;
  } catch (error) {
    child.close();
    throw error;
  }
}

/** O_DIRECTORY and O_NOFOLLOW together say ENOTDIR for a link as well as for a file. */
const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
