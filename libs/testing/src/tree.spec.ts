import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { arbitraryTree } from './arbitrary-tree';
import { expectTree, readTree } from './read-tree';
import { removeTestTree, tempDir } from './temp-dir';
import { directory, file, sha256Of, symlink, type Tree } from './tree';
import { writeTree } from './write-tree';

const TIME = new Date('2026-01-02T03:04:05.678Z');

const TREE: Tree = {
  'a.txt': 'text',
  'bytes.bin': Buffer.from([0, 255, 10]),
  'deep/er/script.sh': file('#!/bin/sh\n', { mode: 0o750, mtime: TIME }),
  'deep/er/报告 😀': file('', { mode: 0o4755 }),
  'deep/link': symlink('../a.txt'),
  empty: directory({ mode: 0o700, mtime: TIME }),
  'closed/inside': 'x',
  closed: directory({ mode: 0o500, mtime: new Date('1969-07-20T20:17:40Z') }),
};

describe('writeTree and readTree', () => {
  it('give back what was written', () => {
    const root = join(tempDir(), 'new');
    writeTree(root, TREE);

    const found = readTree(root);
    expect(Object.keys(found)).toEqual([
      'a.txt',
      'bytes.bin',
      'closed',
      'closed/inside',
      'deep',
      'deep/er',
      'deep/er/script.sh',
      'deep/er/报告 😀',
      'deep/link',
      'empty',
    ]);
    expect(found['deep/er/script.sh']).toEqual({
      type: 'file',
      size: 10,
      sha256: sha256Of('#!/bin/sh\n'),
      mode: 0o750,
      mtimeMs: TIME.getTime(),
    });
    expect(found['deep/er/报告 😀']).toMatchObject({ type: 'file', size: 0, mode: 0o4755 });
    expect(found['deep/link']).toEqual({ type: 'symlink', target: '../a.txt' });
    expect(found['empty']).toEqual({ type: 'directory', mode: 0o700, mtimeMs: TIME.getTime() });
    expect(found['closed']).toEqual({ type: 'directory', mode: 0o500, mtimeMs: Date.UTC(1969, 6, 20, 20, 17, 40) });
  });

  it('see special files and names that are no UTF-8', () => {
    const root = tempDir();
    execFileSync('mkfifo', [join(root, 'pipe')]);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]), '');
    expect(readTree(root)).toMatchObject({ pipe: { type: 'special' }, 'hex:66ff': { type: 'file', size: 0 } });
  });
});

describe('expectTree', () => {
  const changes: [what: string, change: (root: string) => void][] = [
    ['other content', (root) => appendFileSync(join(root, 'a.txt'), '!')],
    ['a missing file', (root) => unlinkSync(join(root, 'bytes.bin'))],
    ['a file too many', (root) => writeFileSync(join(root, 'deep/more'), '')],
    ['a directory too many', (root) => mkdirSync(join(root, 'more'))],
    ['another mode', (root) => chmodSync(join(root, 'deep/er/script.sh'), 0o755)],
    ['another time', (root) => utimesSync(join(root, 'empty'), TIME, new Date(TIME.getTime() + 1000))],
    ['another target', (root) => (unlinkSync(join(root, 'deep/link')), symlinkSync('a.txt', join(root, 'deep/link')))],
    [
      'another type',
      (root) => (rmSync(join(root, 'empty'), { recursive: true }), writeFileSync(join(root, 'empty'), '')),
    ],
  ];

  it('accepts the tree that was written', () => {
    const root = tempDir();
    writeTree(root, TREE);
    expect(() => expectTree(root, TREE)).not.toThrow();
  });

  it.each(changes)('refuses %s', (_what, change) => {
    const root = tempDir();
    writeTree(root, TREE);
    change(root);
    expect(() => expectTree(root, TREE)).toThrow('deep');
  });
});

describe('removeTestTree', () => {
  it('removes directories that forbid it', () => {
    const root = tempDir();
    writeTree(root, {
      'locked/inner/file': 'x',
      'locked/inner': directory({ mode: 0 }),
      locked: directory({ mode: 0o500 }),
    });
    removeTestTree(root);
    expect(existsSync(root)).toBe(false);
  });
});

describe('arbitraryTree', () => {
  const namesIn = (tree: Tree): string[] => Object.keys(tree).flatMap((path) => path.split('/'));

  it.each([
    { names: 'archivable' as const, times: 'zip' as const },
    { names: 'linux' as const, times: 'any' as const },
  ])('makes trees that Linux can hold: $names, $times', (options) => {
    const holds = (tree: Tree): void => {
      const root = tempDir();
      writeTree(root, tree);
      expectTree(root, tree);
      removeTestTree(root);
    };
    fc.assert(fc.property(arbitraryTree(options), holds), { numRuns: 40 });
  });

  it('has no two names that differ only in case or Unicode form, unless told to', () => {
    const isFine = (tree: Tree): boolean =>
      new Set(Object.keys(tree).map((path) => path.normalize('NFC').toLowerCase())).size === Object.keys(tree).length;
    expect(fc.sample(arbitraryTree({ names: 'linux' }), { numRuns: 400, seed: 7 }).every(isFine)).toBe(false);
    fc.assert(fc.property(arbitraryTree(), isFine), { numRuns: 200 });
  });

  it('really reaches the awkward cases', () => {
    const trees = fc.sample(arbitraryTree({ times: 'any' }), { numRuns: 400, seed: 7 });
    const nodes = trees.flatMap((tree) => Object.values(tree)) as { type: string; content?: Buffer; mtime?: Date }[];
    expect(trees.flatMap(namesIn).some((name) => name.includes('\n'))).toBe(true);
    expect(trees.flatMap(namesIn).some((name) => name.includes('\\'))).toBe(true);
    expect(trees.flatMap(namesIn).some((name) => Buffer.byteLength(name) === 255)).toBe(true);
    expect(nodes.some((node) => node.type === 'symlink')).toBe(true);
    expect(nodes.some((node) => node.content?.length === 0)).toBe(true);
    expect(nodes.some((node) => node.mtime && node.mtime.getUTCFullYear() < 1980)).toBe(true);
    expect(nodes.some((node) => node.mtime && node.mtime.getUTCFullYear() > 2107)).toBe(true);
  });
});
