import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { errnoOf } from '@pawvault/durable-fs';

/** A regular file or symbolic link of the live tree. */
export interface LiveNode {
  type: 'file' | 'symlink' | 'special';
  size: number;
  mtimeMs: number;
  /** For system calls; bytes where the name is no UTF-8. */
  path: string | Buffer;
}

/** What a tree held when it was looked at; part of what a plan's hash covers. */
export interface TreeState {
  /** Files, links and directories. */
  nodes: number;
  bytes: number;
  newest_mtime_ms: number;
}

export interface LiveTree {
  /** By path relative to the root. */
  nodes: Map<string, LiveNode>;
  state: TreeState;
}

interface Place {
  path: string | Buffer;
  /** With a trailing slash unless empty. */
  relative: string;
}

const BREATHE_EVERY = 512;
const REPLACEMENT = '\uFFFD';

/**
 * Lists a directory tree, everything in it, whatever backups leave out. What vanishes meanwhile is not listed; what may not be read counts as
 * empty: a restore that may not replace it fails before anything changes.
 * @param skip real paths that are not entered nor counted
 * @returns an empty tree where there is no directory
 */
export async function listLiveTree(root: string, skip: ReadonlySet<string>, signal: AbortSignal): Promise<LiveTree> {
  const tree: LiveTree = { nodes: new Map(), state: { nodes: 0, bytes: 0, newest_mtime_ms: 0 } };
  const rootStat = statQuietly(root);
  if (rootStat?.isDirectory() !== true) return tree;
  note(tree, rootStat);
  const pending: Place[] = [{ path: root, relative: '' }];
  let seen = 0;
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    for (const name of readNames(place.path)) {
      if (++seen % BREATHE_EVERY === 0) await breathe();
      signal.throwIfAborted();
      visit(place, name, { tree, pending, skip });
    }
  }
  return tree;
}

function visit(
  place: Place,
  name: string | Buffer,
  into: { tree: LiveTree; pending: Place[]; skip: ReadonlySet<string> },
): void {
  const path = join(place.path, name);
  if (typeof path === 'string' && into.skip.has(path)) return;
  const stat = statQuietly(path);
  if (stat === null) return;
  note(into.tree, stat);
  const relative = place.relative + (typeof name === 'string' ? name : unnameable(name));
  if (stat.isDirectory()) into.pending.push({ path, relative: `${relative}/` });
  else into.tree.nodes.set(relative, { type: typeOf(stat), size: stat.size, mtimeMs: stat.mtimeMs, path });
}

function note({ state }: LiveTree, stat: Stats): void {
  state.nodes += 1;
  if (stat.isFile()) state.bytes += stat.size;
  state.newest_mtime_ms = Math.max(state.newest_mtime_ms, Math.floor(stat.mtimeMs));
}

function typeOf(stat: Stats): LiveNode['type'] {
  if (stat.isFile()) return 'file';
  return stat.isSymbolicLink() ? 'symlink' : 'special';
}

/** Names as strings; those that are no valid UTF-8 as bytes. */
function readNames(path: string | Buffer): (string | Buffer)[] {
  try {
    const names = readdirSync(path);
    if (!names.some((name) => name.includes(REPLACEMENT))) return names;
    return readdirSync(path, { encoding: 'buffer' }).map((raw) => {
      const name = raw.toString('utf8');
      return Buffer.from(name, 'utf8').equals(raw) ? name : raw;
    });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return [];
  }
}

function join(path: string | Buffer, name: string | Buffer): string | Buffer {
  if (typeof path === 'string' && typeof name === 'string') return `${path}/${name}`;
  return Buffer.concat([Buffer.from(path), Buffer.from('/'), Buffer.from(name)]);
}

/** No archive has a name with NUL: such a file can only be one that is removed. */
const unnameable = (raw: Buffer): string => `\0${raw.toString('hex')}`;

function statQuietly(path: string | Buffer): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
}
