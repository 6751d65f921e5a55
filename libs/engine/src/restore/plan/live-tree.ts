import { createHash } from 'node:crypto';
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
  /**
   * Hex, over the path of each node and, but for directories, its type, size and time. The time of a directory also changes when something
   * comes and goes in it, which is no drift.
   */
  digest: string;
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
  const walk: Walk = { nodes: new Map(), directories: [], skip, bytes: 0 };
  if (statQuietly(root)?.isDirectory() !== true) return { nodes: walk.nodes, state: stateOf(walk) };
  walk.directories.push('');
  const pending: Place[] = [{ path: root, relative: '' }];
  let seen = 0;
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    for (const name of readNames(place.path)) {
      if (++seen % BREATHE_EVERY === 0) await breathe();
      signal.throwIfAborted();
      visit(place, name, { walk, pending });
    }
  }
  return { nodes: walk.nodes, state: stateOf(walk) };
}

interface Walk {
  nodes: LiveTree['nodes'];
  /** Relative paths. */
  directories: string[];
  skip: ReadonlySet<string>;
  bytes: number;
}

function visit(place: Place, name: string | Buffer, { walk, pending }: { walk: Walk; pending: Place[] }): void {
  const path = join(place.path, name);
  if (typeof path === 'string' && walk.skip.has(path)) return;
  const stat = statQuietly(path);
  if (stat === null) return;
  const relative = place.relative + (typeof name === 'string' ? name : unnameable(name));
  if (stat.isDirectory()) {
    walk.directories.push(`${relative}/`);
    pending.push({ path, relative: `${relative}/` });
    return;
  }
  if (stat.isFile()) walk.bytes += stat.size;
  walk.nodes.set(relative, { type: typeOf(stat), size: stat.size, mtimeMs: stat.mtimeMs, path });
}

/** Sorted, because no file system promises an order. */
function stateOf({ nodes, directories, bytes }: Walk): TreeState {
  const lines = [...directories].map((path) => JSON.stringify([path]));
  for (const [path, { type, size, mtimeMs }] of nodes) lines.push(JSON.stringify([path, type, size, mtimeMs]));
  const hash = createHash('sha256');
  for (const line of lines.sort()) hash.update(line);
  return { nodes: lines.length, bytes, digest: hash.digest('hex') };
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
