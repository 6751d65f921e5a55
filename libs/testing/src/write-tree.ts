import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Attributes, nodeOf, type Tree } from './tree';

/** Writes a tree below `root`, which is made when it is missing. Existing files of the same name are overwritten. */
export function writeTree(root: string, tree: Tree): void {
  mkdirSync(root, { recursive: true });
  const directories: [path: string, attributes: Attributes][] = [];
  for (const [name, shorthand] of Object.entries(tree)) {
    const path = join(root, name);
    const node = nodeOf(shorthand);
    mkdirSync(node.type === 'directory' ? path : dirname(path), { recursive: true });
    if (node.type === 'symlink') symlinkSync(node.target, path);
    else if (node.type === 'directory') directories.push([path, node]);
    else {
      writeFileSync(path, node.content);
      applyAttributes(path, node);
    }
  }
  // Deepest first and at the end: a new entry changes the time of its directory, and a mode may forbid new entries.
  directories.sort(([a], [b]) => b.length - a.length);
  for (const [path, attributes] of directories) applyAttributes(path, attributes);
}

function applyAttributes(path: string, { mode, mtime }: Attributes): void {
  if (mode !== undefined) chmodSync(path, mode);
  // As a Date: a negative number of seconds would be taken for "now"
  if (mtime !== undefined) utimesSync(path, mtime, mtime);
}
