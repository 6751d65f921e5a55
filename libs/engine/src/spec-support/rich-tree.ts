import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hasCapabilities, removeTestTree, sha256Of } from '@pawvault/testing';
import fc from 'fast-check';

/** A node of a tree as people have it at the worst: what rules leave out, what no backup can hold, odd modes, names, links and owners. */
export interface RichNode {
  kind: 'file' | 'directory' | 'link' | 'fifo';
  /** Of a file, or where a link leads. */
  content: string;
  mode: number;
  /** Whole seconds since 1970. */
  time: number;
  /** 0: that of the process. Only applied where the process may. */
  owner: number;
}

/** By path; a component `\xff` stands for a byte that is no UTF-8. */
export type RichTree = Record<string, RichNode>;

const NAMES = [
  'a.md',
  'b.tmp',
  '__pycache__',
  'c',
  'd',
  'back\\slash',
  'C:',
  'new\nline',
  '报告',
  'x\xff',
  'yarn.lock',
];
const TARGETS = ['a.md', 'nowhere', '/etc/hostname', '../outside', 'c', '.', '../../../../etc'];

const arbitraryNode: fc.Arbitrary<RichNode> = fc.record({
  kind: fc.constantFrom<RichNode['kind']>('file', 'file', 'file', 'directory', 'link', 'fifo'),
  content: fc.oneof(fc.constantFrom(...TARGETS), fc.string({ maxLength: 30 })),
  mode: fc.constantFrom(0o644, 0o600, 0o755, 0o444, 0o555, 0o500),
  time: fc.integer({ min: 1_000_000_000, max: 1_700_000_000 }),
  owner: fc.constantFrom(0, 0, 0, 0, 12_345),
});

/** Up to four levels deep. */
export const arbitraryRichTree: fc.Arbitrary<RichTree> = fc
  .array(
    fc.record({
      path: fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 }),
      node: arbitraryNode,
    }),
    { maxLength: 25 },
  )
  .map((entries) => {
    const tree: RichTree = {};
    for (const { path, node } of entries) plant(tree, path, node);
    return tree;
  });

/** What lies above is a directory, and nothing lies below anything else. */
function plant(tree: RichTree, path: string[], node: RichNode): void {
  const above = path.slice(1).map((_, i) => path.slice(0, i + 1).join('/'));
  if (above.some((parent) => (tree[parent]?.kind ?? 'directory') !== 'directory')) return;
  const full = path.join('/');
  if (Object.keys(tree).some((other) => other === full || other.startsWith(`${full}/`))) return;
  const mode = node.kind === 'directory' ? node.mode | 0o500 : node.mode;
  tree[full] = { ...node, mode };
}

const bytesOf = (path: string): Buffer =>
  Buffer.concat(
    path.split('\xff').flatMap((part, i) => (i === 0 ? [Buffer.from(part)] : [Buffer.from([0xff]), Buffer.from(part)])),
  );

const MAY_CHOWN = hasCapabilities('chown', 'fowner', 'dac_override');

/** Makes a directory hold exactly this tree. */
export function writeRichTree(root: string, tree: RichTree): void {
  removeTestTreeIfThere(root);
  mkdirSync(root, { recursive: true });
  const at = (path: string): Buffer => Buffer.concat([Buffer.from(`${root}/`), bytesOf(path)]);
  const paths = Object.keys(tree).sort();
  for (const path of paths) writeNode(at(path), tree[path] as RichNode);
  // Deepest first and at the end: a new entry changes the time of its directory, and a mode may forbid new entries.
  for (const path of paths.reverse()) finishNode(at(path), tree[path] as RichNode);
  utimesSync(root, 1_500_000_000, 1_500_000_000);
}

function removeTestTreeIfThere(root: string): void {
  if (lstatSync(root, { throwIfNoEntry: false }) !== undefined) removeTestTree(root);
  rmSync(root, { recursive: true, force: true });
}

/** Arguments of a process are text; a path need not be. */
const MAKE_FIFO = 'import os, sys; os.mkfifo(bytes.fromhex(sys.argv[1]))';

function writeNode(path: Buffer, { kind, content }: RichNode): void {
  const parent = path.subarray(0, path.lastIndexOf(0x2f));
  mkdirSync(parent, { recursive: true });
  if (kind === 'directory') mkdirSync(path, { recursive: true });
  else if (kind === 'link') symlinkSync(content === '' ? 'empty' : content.replaceAll('\0', '_'), path);
  else if (kind === 'fifo') execFileSync('python3', ['-c', MAKE_FIFO, path.toString('hex')]);
  else writeFileSync(path, content);
}

function finishNode(path: Buffer, { kind, mode, time, owner }: RichNode): void {
  if (owner !== 0 && MAY_CHOWN) lchownSync(path, owner, owner);
  if (kind !== 'link') chmodSync(path, mode);
  lutimesSync(path, time, time);
}

/** Everything of a tree that matters to its owner, by path; root is the empty path. */
export function readRichTree(root: string): Record<string, string> {
  const found: Record<string, string> = { '': describe(Buffer.from(root)) };
  visit(Buffer.from(root), '', found);
  return found;
}

function visit(directory: Buffer, prefix: string, found: Record<string, string>): void {
  for (const name of readdirSync(directory, { encoding: 'buffer' })) {
    const path = Buffer.concat([directory, Buffer.from('/'), name]);
    const key = prefix + name.toString('latin1');
    found[key] = describe(path);
    if (lstatSync(path).isDirectory()) visit(path, `${key}/`, found);
  }
}

function describe(path: Buffer): string {
  const stat = lstatSync(path);
  const kind = stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'link' : stat.isFile() ? 'file' : 'special';
  const content = kind === 'file' ? sha256Of(readFileSync(path)) : kind === 'link' ? readlinkSync(path) : '';
  const mode = kind === 'link' ? '' : (stat.mode & 0o7777).toString(8);
  return [kind, mode, Math.round(stat.mtimeMs), stat.uid, stat.gid, content].join(' ');
}
