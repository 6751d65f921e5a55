import { createHash } from 'node:crypto';

/** Times are kept to the millisecond; what is not given is left to the file system and not compared. */
export interface Attributes {
  /** Permission bits, 0–0o7777. */
  mode?: number;
  mtime?: Date;
}

export type TreeNode =
  | string
  | Buffer
  | ({ type: 'file'; content: string | Buffer } & Attributes)
  | ({ type: 'directory' } & Attributes)
  | { type: 'symlink'; target: string };

/**
 * A file tree as a literal that can be written and compared: relative path → what lies there. A plain string or Buffer is a
 * file; parent directories need not be named.
 */
export type Tree = Record<string, TreeNode>;

export const file = (content: string | Buffer, attributes: Attributes = {}): TreeNode => ({
  type: 'file',
  content,
  ...attributes,
});
export const directory = (attributes: Attributes = {}): TreeNode => ({ type: 'directory', ...attributes });
export const symlink = (target: string): TreeNode => ({ type: 'symlink', target });

export type NodeSnapshot =
  | { type: 'file'; size: number; sha256: string; mode: number; mtimeMs: number }
  | { type: 'directory'; mode: number; mtimeMs: number }
  | { type: 'symlink'; target: string }
  | { type: 'special' };

/** What lies below a directory, by relative path. */
export type TreeSnapshot = Record<string, NodeSnapshot>;

export const sha256Of = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

/** A node without its shorthand. */
export function nodeOf(node: TreeNode): Exclude<TreeNode, string | Buffer> {
  return typeof node === 'string' || Buffer.isBuffer(node) ? { type: 'file', content: node } : node;
}

/** The directories above a path, outermost first. */
export function parentsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
