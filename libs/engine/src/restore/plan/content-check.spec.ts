import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { noise, tempDir } from '@pawvault/testing';
import { openTree } from './content-check';
import type { LiveNode } from './live-tree';

const root = tempDir('content');
const big = noise('big', 700_000);
writeFileSync(join(root, 'big'), big);
symlinkSync('big', join(root, 'link'));
execFileSync('mkfifo', [join(root, 'pipe')]);

interface Live {
  path: string;
  node: LiveNode;
}

const node = (path: string, type: LiveNode['type'] = 'file'): Live => ({
  path,
  node: { type, size: 0, mtimeMs: 0, mode: 0o644, uid: 0, gid: 0, unreadable: null },
});
const tree = openTree(root);
afterAll(() => tree.close());
const proofs = (content: Buffer | string) => [
  { sha256: createHash('sha256').update(content).digest() },
  { crc32: crc32(Buffer.from(content)) },
];
const signal = new AbortController().signal;

it.each<[string, Live, Buffer | string, boolean]>([
  ['a file of several pieces', node('big'), big, true],
  ['a file that is not the one', node('big'), 'other', false],
  ['a link by its target', node('link', 'symlink'), 'big', true],
  ['a link to another place', node('link', 'symlink'), 'bag', false],
  ['a file that has gone', node('gone'), '', false],
  ['a file that has become a link', node('link'), big, false],
  ['a link that has become a file', node('big', 'symlink'), big, false],
  ['a file that has become a directory', node('.'), '', false],
])('proves %s', async (_, live, content, expected) => {
  for (const proof of proofs(content)) expect(await tree.hasContent(live, proof, signal)).toBe(expected);
});

it('does not wait for a file that has become a pipe', async () => {
  expect(await tree.hasContent(node('pipe'), { crc32: 1 }, signal)).toBe(false);
});

it('does not follow a link that has taken the place of a directory', async () => {
  mkdirSync(join(root, 'directory'));
  writeFileSync(join(root, 'directory/file'), 'abc');
  const [proof] = proofs('abc');
  const live = node('directory/file');
  expect(await tree.hasContent(live, proof as never, signal)).toBe(true);
  renameSync(join(root, 'directory'), join(root, 'elsewhere'));
  symlinkSync('elsewhere', join(root, 'directory'));
  expect(await tree.hasContent(live, proof as never, signal)).toBe(false);
});
