import { chmodSync, fstatSync, lstatSync, readdirSync, utimesSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { errnoOf } from './fs-errors';
import { type HeldDirectory, holdBelow, holdUnlocked, holdUnread, nodeAt } from './held-directory';
import { type OpenTarget, ownName } from './open-target';
import { nameForCalls, nameFromBytes } from './raw-name';
import { parentPath, pathsAbove } from './relative-path';
import type { DirectoryState } from './swap-target';

/** What moving a directory to another parent, or its children, takes from a process without privileges. */
const NEEDED = 0o700;

export const isLocked = ({ mode }: { mode: number }): boolean => (mode & NEEDED) !== NEEDED;

/**
 * Mode and time of the live directories that the exchange of a target disturbs: those that lose children while they stay, and those
 * that cannot be moved as they are.
 */
export function disturbedBy(open: OpenTarget): DirectoryState[] {
  const { target, area } = open;
  if (target.kind === 'in-place' || !target.existed) return [];
  if (target.kind === 'children') return statesIn(area, open);
  if (nodeAt(area, ownName(open))?.isDirectory() !== true) return [];
  const root = holdUnread(area, ownName(open));
  try {
    return statesIn(root, open);
  } finally {
    root.close();
  }
}

function statesIn(root: HeldDirectory, { target }: OpenTarget): DirectoryState[] {
  const losing = new Set(target.carry.map(({ from }) => parentPath(from)));
  for (const path of target.fixed) pathsAbove(path).forEach((above) => losing.add(above));
  const moving = new Set(target.carry.map(({ from }) => from));
  if (target.kind === 'sibling') moving.add('');
  else {
    losing.add('');
    const own = basename(dirname(target.staged));
    const staying = new Set(target.fixed);
    for (const path of ['', ...target.fixed.flatMap(pathsAbove)])
      for (const child of childrenOf(root, path)) if (!staying.has(child) && child !== own) moving.add(child);
  }
  const states = [...new Set([...losing, ...moving])].map((path) => stateAt(root, path));
  return states.filter((state) => state !== null).filter((state) => losing.has(state.path) || isLocked(state));
}

function childrenOf(root: HeldDirectory, path: string): string[] {
  const directory = holdBelow(root, path);
  try {
    return readdirSync(directory.at(), { encoding: 'buffer' }).map((name) =>
      path === '' ? nameFromBytes(name) : `${path}/${nameFromBytes(name)}`,
    );
  } finally {
    directory.close();
  }
}

/** null for what is no directory, or not there any more. */
function stateAt(root: HeldDirectory, path: string): DirectoryState | null {
  if (path === '') return toState(path, fstatSync(root.fd));
  try {
    const parent = holdBelow(root, parentPath(path));
    try {
      const stat = lstatSync(parent.at(nameForCalls(basename(path))));
      return stat.isDirectory() ? toState(path, stat) : null;
    } finally {
      parent.close();
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return null;
    throw error;
  }
}

const toState = (path: string, { mode, mtimeMs }: { mode: number; mtimeMs: number }): DirectoryState => ({
  path,
  mode: mode & 0o7777,
  mtime_ms: mtimeMs,
});

/** Grants what the exchange takes on the live directories that lack it. */
export function unlockDirectories(open: OpenTarget): void {
  const locked = open.target.before.filter(isLocked).sort((a, b) => depthOf(a) - depthOf(b));
  if (locked.length === 0) return;
  const root = open.target.kind === 'children' ? open.area : holdUnlocked(open.area, ownName(open));
  try {
    for (const { path } of locked) if (path !== '') unlockAt(root, path);
  } finally {
    if (root !== open.area) root.close();
  }
  if (open.target.kind === 'children' && isLocked(fstatSync(root.fd)))
    chmodSync(root.at(), (fstatSync(root.fd).mode & 0o7777) | NEEDED);
}

function unlockAt(root: HeldDirectory, path: string): void {
  const parent = holdBelow(root, parentPath(path));
  try {
    holdUnlocked(parent, nameForCalls(basename(path))).close();
  } finally {
    parent.close();
  }
}

/** The directory that a target is by now; null where there is none. Its content need not be readable. */
function rootOf(open: OpenTarget): HeldDirectory | null {
  if (open.target.kind === 'children') return holdUnread(open.area, '.');
  try {
    return holdUnread(open.area, ownName(open));
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) throw error;
    return null;
  }
}

/** Gives directories of a target their mode and time, innermost first. Can be repeated. */
export function applyStates(open: OpenTarget, states: readonly DirectoryState[]): void {
  if (states.length === 0 || open.target.kind === 'in-place') return;
  const root = rootOf(open);
  if (root === null) return;
  try {
    for (const state of [...states].sort((a, b) => depthOf(b) - depthOf(a))) applyState(root, state);
  } finally {
    root.close();
  }
}

const depthOf = ({ path }: DirectoryState): number => (path === '' ? 0 : path.split('/').length);

/**
 * A directory that belongs to another user keeps what it has: the root of a volume is root's in Kubernetes, and open to us by its group. One
 * that cannot be reached because a directory above it is locked again has had its turn.
 */
function applyState(root: HeldDirectory, { path, mode, mtime_ms }: DirectoryState): void {
  try {
    const directory = reach(root, path);
    try {
      chmodSync(directory.at(), mode & 0o7777);
      utimesSync(directory.at(), mtime_ms / 1000, mtime_ms / 1000);
    } finally {
      directory.close();
    }
  } catch (error) {
    const errno = errnoOf(error) ?? '';
    if (errno === 'EACCES' && isShut(root, path)) return;
    if (!['EPERM', 'ENOENT', 'ENOTDIR', 'ELOOP'].includes(errno)) throw error;
  }
}

/** Whether a directory above lacks the permission to enter it; any other refusal is a failure. */
function isShut(root: HeldDirectory, path: string): boolean {
  const above = pathsAbove(path).reverse();
  return ['', ...above].some((parent) => {
    const directory = reach(root, parent);
    try {
      return (fstatSync(directory.fd).mode & 0o100) === 0;
    } finally {
      directory.close();
    }
  });
}

function reach(root: HeldDirectory, path: string): HeldDirectory {
  let current = holdUnread(root, '.');
  for (const name of path.split('/')) {
    if (name === '') continue;
    const parent = current;
    try {
      current = holdUnread(parent, nameForCalls(name));
    } finally {
      parent.close();
    }
  }
  return current;
}
