import { deepStrictEqual } from 'node:assert';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { nodeOf, type NodeSnapshot, parentsOf, sha256Of, type Tree, type TreeNode, type TreeSnapshot } from './tree';

const SLASH = Buffer.from('/');

/**
 * Everything below `root`, by relative path, ready to be compared with `toEqual`. A name that is no UTF-8 appears as
 * `hex:<bytes>`. Root itself is not part of it.
 */
export function readTree(root: string): TreeSnapshot {
  const found: [string, NodeSnapshot][] = [];
  visit(Buffer.from(root), '', found);
  return Object.fromEntries(found);
}

function visit(directory: Buffer, prefix: string, found: [string, NodeSnapshot][]): void {
  for (const bytes of readdirSync(directory, { encoding: 'buffer' }).sort((a, b) => Buffer.compare(a, b))) {
    const path = Buffer.concat([directory, SLASH, bytes]);
    const name = prefix + readableName(bytes);
    const snapshot = snapshotOf(path);
    found.push([name, snapshot]);
    if (snapshot.type === 'directory') visit(path, `${name}/`, found);
  }
}

function readableName(bytes: Buffer): string {
  const name = bytes.toString('utf8');
  return Buffer.from(name).equals(bytes) ? name : `hex:${bytes.toString('hex')}`;
}

function snapshotOf(path: Buffer): NodeSnapshot {
  const stat = lstatSync(path);
  const attributes = { mode: stat.mode & 0o7777, mtimeMs: Math.round(stat.mtimeMs) };
  if (stat.isSymbolicLink()) return { type: 'symlink', target: readlinkSync(path) };
  if (stat.isDirectory()) return { type: 'directory', ...attributes };
  if (!stat.isFile()) return { type: 'special' };
  return { type: 'file', size: stat.size, sha256: sha256Of(readFileSync(path)), ...attributes };
}

/**
 * Throws when `root` holds anything else than the tree: a path too many or too few, other content, another mode, time or target.
 * Modes and times that the tree leaves open are not compared, nor are those of parent directories that it does not name.
 */
export function expectTree(root: string, tree: Tree): void {
  const actual = readTree(root);
  const expected = describeTree(tree);
  const compared = Object.entries(actual).map(([path, found]): Described => [
    path,
    onlyKeysOf(found, expected.get(path) ?? found),
  ]);
  deepStrictEqual(sorted(compared), sorted([...expected]));
}

type Described = [path: string, attributes: object];

function describeTree(tree: Tree): Map<string, object> {
  const parents = Object.keys(tree).flatMap((path) => parentsOf(path));
  const implied = parents.map((path): Described => [path, { type: 'directory' }]);
  return new Map([...implied, ...Object.entries(tree).map(([path, node]): Described => [path, describeNode(node)])]);
}

function describeNode(shorthand: TreeNode): object {
  const node = nodeOf(shorthand);
  if (node.type === 'symlink') return node;
  const attributes = {
    ...(node.mode === undefined ? {} : { mode: node.mode }),
    ...(node.mtime === undefined ? {} : { mtimeMs: node.mtime.getTime() }),
  };
  if (node.type === 'directory') return { type: 'directory', ...attributes };
  return { type: 'file', size: Buffer.byteLength(node.content), sha256: sha256Of(node.content), ...attributes };
}

const onlyKeysOf = (value: object, model: object): object =>
  Object.fromEntries(Object.entries(value).filter(([key]) => Object.hasOwn(model, key)) as [string, unknown][]);

const sorted = (described: Described[]): Described[] => described.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
