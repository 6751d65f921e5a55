import { createHash } from 'node:crypto';
import { accessSync, constants, type Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import {
  errnoOf,
  type HeldDirectory,
  holdChild,
  holdExactly,
  type Identity,
  nameForCalls,
  nameFromBytes,
  nodeAt,
} from '@pawvault/durable-fs';
import { readabilityOf } from './readability';

/** A node of the live tree. */
export interface LiveNode {
  type: 'file' | 'symlink' | 'directory' | 'special';
  size: number;
  mtimeMs: number;
  /** Permission bits. */
  mode: number;
  uid: number;
  gid: number;
  /** Why no backup could take it, or its children: an errno; null where it can be read. */
  unreadable: string | null;
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
  /** The directory itself; null where there is none. */
  root: LiveNode | null;
  /** Which directory was looked at; absent where there is none. */
  identity?: Identity;
  /**
   * By path relative to the root, parents before their children, all below a directory right after it. Names that are no UTF-8 are as
   * `nameFromBytes` has them.
   */
  nodes: Map<string, LiveNode>;
  state: TreeState;
  /** The first path that is marked as immutable (`chattr +i`), or null. */
  immutable: string | null;
}

export interface ListOptions {
  /** Paths that are not entered: what is in them is not ours. They are listed, their content is not. */
  closed: ReadonlySet<string>;
  signal: AbortSignal;
}

const BREATHE_EVERY = 512;
/** It is no directory any more. */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);
const REFUSED: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

/**
 * Lists a directory tree, everything in it, whatever backups leave out. It is walked through open directories: a link that takes the place
 * of a directory meanwhile is not followed. What vanishes meanwhile is not listed.
 * @param root real path
 * @returns an empty tree where there is no directory
 * @throws NotTheSameDirectory when a component of the path has become a link
 */
export async function listLiveTree(root: string, options: ListOptions): Promise<LiveTree> {
  const held = holdIfThere(root);
  const tree: LiveTree = { root: null, nodes: new Map(), state: { nodes: 0, bytes: 0, digest: '' }, immutable: null };
  if (held !== null) {
    try {
      const stat = nodeAt(held, '.');
      if (stat !== null) tree.root = toNode(stat, null);
      tree.identity = { dev: held.dev, ino: held.ino };
      if (isImmutable(held, '.')) tree.immutable = '';
      await new Walk(tree, options).enter(held, '');
    } finally {
      held.close();
    }
  }
  tree.state = stateOf(tree);
  return tree;
}

class Walk {
  private seen = 0;

  constructor(
    private readonly tree: LiveTree,
    private readonly options: ListOptions,
  ) {}

  /** @param prefix of the children's paths: empty, or with a trailing slash */
  async enter(directory: HeldDirectory, prefix: string): Promise<void> {
    for (const bytes of await readdir(directory.at(), { encoding: 'buffer' })) {
      if (++this.seen % BREATHE_EVERY === 0) await breathe();
      this.options.signal.throwIfAborted();
      await this.visit(directory, prefix, nameFromBytes(bytes));
    }
  }

  private async visit(directory: HeldDirectory, prefix: string, name: string): Promise<void> {
    const call = nameForCalls(name);
    const path = `${prefix}${name}`;
    const stat = nodeAt(directory, call);
    if (stat === null) return;
    const isClosed = this.options.closed.has(path);
    if (!isClosed && this.tree.immutable === null && isImmutable(directory, call, stat)) this.tree.immutable = path;
    const node = toNode(
      stat,
      readabilityOf(stat, () => accessSync(directory.at(call), constants.R_OK)),
    );
    this.tree.nodes.set(path, node);
    if (node.type === 'directory' && !isClosed) await this.descend(directory, { call, path, node });
  }

  private async descend(
    directory: HeldDirectory,
    { call, path, node }: { call: string | Buffer; path: string; node: LiveNode },
  ): Promise<void> {
    const child = this.open(directory, call, node);
    if (child === null) return;
    try {
      await this.enter(child, `${path}/`);
    } finally {
      child.close();
    }
  }

  /** null for what may not be read, and for what is no directory any more. */
  private open(directory: HeldDirectory, name: string | Buffer, node: LiveNode): HeldDirectory | null {
    try {
      return holdChild(directory, name);
    } catch (error) {
      const errno = errnoOf(error) ?? '';
      if (GONE.has(errno)) return null;
      // Any other failure may pass: what cannot be looked at now must not count as what no backup can hold.
      if (!REFUSED.has(errno)) throw error;
      node.unreadable = errno;
      return null;
    }
  }
}

/** The kernel refuses to write to what is immutable with EPERM, root included; a missing permission is EACCES. */
function isImmutable(directory: HeldDirectory, name: string | Buffer, stat?: Stats): boolean {
  if (stat !== undefined && !stat.isFile() && !stat.isDirectory()) return false;
  try {
    accessSync(directory.at(name), constants.W_OK);
    return false;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

const toNode = (stat: Stats, unreadable: string | null): LiveNode => ({
  type: typeOf(stat),
  size: stat.size,
  mtimeMs: stat.mtimeMs,
  mode: stat.mode & 0o7777,
  uid: stat.uid,
  gid: stat.gid,
  unreadable,
});

function typeOf(stat: Stats): LiveNode['type'] {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  return stat.isSymbolicLink() ? 'symlink' : 'special';
}

/** Sorted, because no file system promises an order. */
function stateOf({ root, nodes }: LiveTree): TreeState {
  const lines = root === null ? [] : ['[""]'];
  let bytes = 0;
  for (const [path, { type, size, mtimeMs }] of nodes) {
    if (type === 'file') bytes += size;
    lines.push(JSON.stringify(type === 'directory' ? [`${path}/`] : [path, type, size, mtimeMs]));
  }
  const hash = createHash('sha256');
  for (const line of lines.sort()) hash.update(line);
  return { nodes: lines.length, bytes, digest: hash.digest('hex') };
}

function holdIfThere(root: string): HeldDirectory | null {
  try {
    return holdExactly(root);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return null;
    throw error;
  }
}
