import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { noise, tempDir } from '@pawvault/testing';
import { hasContent } from './content-check';
import type { LiveNode } from './live-tree';

const root = tempDir('content');
const big = noise('big', 700_000);
writeFileSync(join(root, 'big'), big);
symlinkSync('big', join(root, 'link'));
execFileSync('mkfifo', [join(root, 'pipe')]);

const node = (name: string, type: LiveNode['type'] = 'file'): LiveNode => ({
  type,
  size: 0,
  mtimeMs: 0,
  path: join(root, name),
});
const proofs = (content: Buffer | string) => [
  { sha256: createHash('sha256').update(content).digest() },
  { crc32: crc32(Buffer.from(content)) },
];
const signal = new AbortController().signal;

it.each<[string, LiveNode, Buffer | string, boolean]>([
  ['a file of several pieces', node('big'), big, true],
  ['a file that is not the one', node('big'), 'other', false],
  ['a link by its target', node('link', 'symlink'), 'big', true],
  ['a link to another place', node('link', 'symlink'), 'bag', false],
  ['a file that has gone', node('gone'), '', false],
  ['a file that has become a link', node('link'), big, false],
  ['a link that has become a file', node('big', 'symlink'), big, false],
  ['a file that has become a directory', node('.'), '', false],
])('proves %s', async (_, live, content, expected) => {
  for (const proof of proofs(content)) expect(await hasContent(live, proof, signal)).toBe(expected);
});

it('does not wait for a file that has become a pipe', async () => {
  expect(await hasContent(node('pipe'), { crc32: 1 }, signal)).toBe(false);
});
