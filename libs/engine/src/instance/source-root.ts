import { lstatSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  canHold,
  type HeldDirectory,
  holdDirectory,
  type Identity,
  identityOf,
  isSameNode,
} from '@pawvault/durable-fs';

/** As the kernel. */
const MAX_LINKS = 40;

/** Whether the way to what is held open leads through links that may be followed. */
export type RootTrust = { trusted: true } | { trusted: false; link: string };

/**
 * A directory may be reached through symbolic links, but not through one that another user has put there to lead into what is not theirs: each
 * link has to belong to root, to the user that PawVault runs as, or to the owner of what it leads to.
 * @param path absolute, as it was opened
 * @param opened what opening it has led to
 */
export function trustOf(path: string, opened: Identity): RootTrust {
  let at = '/';
  let links = 0;
  const rest = componentsOf(path);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = name === '..' ? dirname(at) : join(at, name);
    const stat = lstatSync(next);
    if (stat.isSymbolicLink()) {
      if ((links += 1) > MAX_LINKS || !isOwnedByAny(stat.uid, statSync(next).uid))
        return { trusted: false, link: next };
      const target = readlinkSync(next);
      if (target.startsWith('/')) at = '/';
      rest.unshift(...componentsOf(target));
    } else {
      at = next;
    }
  }
  // Another place by now: what was looked at is not what was opened.
  return isSameNode(lstatSync(at), opened) ? { trusted: true } : { trusted: false, link: path };
}

const componentsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

const isOwnedByAny = (uid: number, ownerOfTarget: number): boolean =>
  uid === 0 || uid === process.geteuid?.() || uid === ownerOfTarget;

/** The directory itself and all those above it, asked of the open directory and not of its path; as far up as may be looked. */
export function withAncestors(directory: HeldDirectory): Identity[] {
  const chain: Identity[] = [];
  let path = directory.at();
  for (let next = identityAt(path); next !== null && !isRoot(chain, next); next = identityAt(path)) {
    chain.push(next);
    path = canHold ? `${path}/..` : dirname(path);
  }
  return chain;
}

/** The directory above `/` is `/`. */
function isRoot(chain: readonly Identity[], next: Identity): boolean {
  const last = chain.at(-1);
  return last !== undefined && isSameNode(last, next);
}

function identityAt(path: string): Identity | null {
  try {
    return identityOf(statSync(path));
  } catch {
    return null;
  }
}

/** @returns null when the path leads to no directory that can be opened */
export function openRoot(path: string): HeldDirectory | null {
  try {
    return holdDirectory(path);
  } catch {
    return null;
  }
}
