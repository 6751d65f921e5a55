import { closeSync, fstatSync, lstatSync, openSync, readlinkSync, type Stats } from 'node:fs';
import { canHold, type HeldDirectory, type HeldRef, holdChild, holdListed } from '@pawvault/durable-fs';
import type { Located } from '../capture/located';
import { barredAs, type BarredPlace, isWithin } from './barred-places';
import { leaveOutReason, type LeaveOutOptions } from './leave-out';

/** Content of larger files is not packed a second time for a link that leads to them. */
export const MAX_LINKED_BYTES = 64 * 1024 * 1024;

/** Linux's O_PATH, which node:fs does not name: a descriptor that tells what it is of, and opens nothing. The same on x64 and arm64. */
const O_PATH = 0o10000000;

/** Which targets of links are packed with the links. */
export interface LinkScope extends LeaveOutOptions {
  root: HeldRef;
  barred: readonly BarredPlace[];
  /** Real paths of the mount points below the root. */
  mounts: ReadonlySet<string>;
  oneFileSystem: boolean;
  /** Set where links that lead out of the root are packed with content: the root of the file system, and the places that are never read. */
  outward: { root: HeldRef; barred: readonly BarredPlace[] } | null;
}

export interface LinkTarget {
  at: Located;
  stat: Stats;
}

/**
 * The regular file that a link leads to, if a backup may hold its content. The link is resolved once, by opening what it leads to; where
 * that lies is asked of the open descriptor, and the way there is then walked again from the root without following any link.
 * @returns null when the link stands for itself alone
 */
export function linkTarget(directory: HeldDirectory, name: string, scope: LinkScope): LinkTarget | null {
  if (!canHold) return null;
  try {
    const path = pathOfTarget(directory.at(name));
    return path === null ? null : reach(path, scope);
  } catch {
    // It dangles, loops, may not be read or is being exchanged: none of these is a fault of the link itself.
    return null;
  }
}

/** @returns the real path of the regular file that a link leads to, or null when it leads to anything else */
function pathOfTarget(link: string): string | null {
  const fd = openSync(link, O_PATH);
  try {
    const stat = fstatSync(fd);
    return stat.isFile() && stat.size <= MAX_LINKED_BYTES ? readlinkSync(`/proc/self/fd/${fd}`) : null;
  } finally {
    closeSync(fd);
  }
}

function reach(path: string, scope: LinkScope): LinkTarget | null {
  const root = readlinkSync(`/proc/self/fd/${scope.root.fd}`);
  if (isWithin(path, root)) {
    const below = path.slice(root === '/' ? 1 : root.length + 1);
    if (scope.rules.match(below) !== null || (scope.oneFileSystem && scope.mounts.has(path))) return null;
    return descend(scope.root, below, (held, relative) => isTaken(scope, held, relative));
  }
  const { outward } = scope;
  if (outward === null) return null;
  return descend(outward.root, path.slice(1), (held) => barredAs(outward.barred, held.path, held) === null);
}

/** Whether the backup of the source takes a directory: neither barred, nor excluded, nor on a file system that is left out. */
function isTaken(scope: LinkScope, held: HeldDirectory, relative: string): boolean {
  if (barredAs(scope.barred, held.path, held) !== null) return false;
  if (scope.oneFileSystem && (held.dev !== scope.root.dev || scope.mounts.has(held.path))) return false;
  return leaveOutReason(`${relative}/`, fstatSync(held.fd), scope) === null;
}

function descend(
  root: HeldRef,
  path: string,
  mayEnter: (held: HeldDirectory, relative: string) => boolean,
): LinkTarget | null {
  const components = path.split('/');
  const base = components.pop() ?? '';
  let held = holdListed(root, '', root);
  try {
    for (const [i, name] of components.entries()) {
      const next = holdChild(held, name);
      held.close();
      held = next;
      if (!mayEnter(held, components.slice(0, i + 1).join('/'))) return null;
    }
    const stat = lstatSync(held.at(base));
    const place = { root, relative: components.join('/'), dev: held.dev, ino: held.ino };
    return stat.isFile() && stat.size <= MAX_LINKED_BYTES ? { at: { place, base }, stat } : null;
  } finally {
    held.close();
  }
}
