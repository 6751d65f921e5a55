import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir, writeTree } from '@pawvault/testing';
import { listLiveTree } from './live-tree';

const list = (root: string, closed: string[] = []) =>
  listLiveTree(root, { closed: new Set(closed), signal: new AbortController().signal });

it('lists files, links and special files by relative path, with what there is of everything', async () => {
  const root = tempDir('live');
  writeTree(root, {
    'a/b.txt': 'four',
    'a/empty': '',
    link: { type: 'symlink', target: 'nowhere' },
    d: { type: 'directory' },
  });
  execFileSync('mkfifo', [join(root, 'pipe')]);
  const { nodes, state } = await list(root);
  expect(
    Object.fromEntries(
      [...nodes].map(([path, { type, size }]) => [path, type === 'directory' ? type : `${type} ${size}`]),
    ),
  ).toEqual({
    a: 'directory',
    d: 'directory',
    'a/b.txt': 'file 4',
    'a/empty': 'file 0',
    link: 'symlink 7',
    pipe: 'special 0',
  });
  expect(state).toMatchObject({ nodes: 7, bytes: 4 });
});

it('is empty where there is no directory', async () => {
  const root = tempDir('live');
  writeTree(root, { file: '' });
  symlinkSync('.', join(root, 'link'));
  for (const name of ['missing', 'file']) expect((await list(join(root, name))).state.nodes).toBe(0);
});

it('lists what is kept, and nothing in it', async () => {
  const root = tempDir('live');
  writeTree(root, { 'in/other/x': 'x', 'in/otherwise': 'y' });
  const { nodes, state } = await list(root, ['in/other']);
  expect([[...nodes.keys()].sort(), state.nodes]).toEqual([['in', 'in/other', 'in/otherwise'], 4]);
});

it('lists what has no name in UTF-8 under a name that no archive has', async () => {
  const root = tempDir('live');
  const odd = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]);
  mkdirSync(odd);
  writeFileSync(Buffer.concat([odd, Buffer.from('/in.txt')]), 'abc');
  writeFileSync(join(root, '\uFFFD\uFFFD'), 'a real one');
  const { nodes, state } = await list(root);
  expect([...nodes.keys()].sort()).toEqual(['\udcff\udcfe', '\udcff\udcfe/in.txt', '\uFFFD\uFFFD'].sort());
  expect(state.bytes).toBe(13);
});

it.each(['a file appears', 'a directory appears', 'a file goes', 'a file grows', 'a file is touched'])(
  'shows when %s',
  async (what) => {
    const root = tempDir('live');
    const mtime = new Date('2026-01-01T00:00:00Z');
    writeTree(root, { a: { type: 'file', content: 'a', mtime }, b: { type: 'file', content: 'b', mtime } });
    const before = (await list(root)).state;
    if (what === 'a file appears') writeFileSync(join(root, 'c'), '');
    if (what === 'a directory appears') mkdirSync(join(root, 'c'));
    if (what === 'a file goes') rmSync(join(root, 'b'));
    if (what === 'a file grows') writeFileSync(join(root, 'a'), 'aa');
    if (what === 'a file is touched') writeFileSync(join(root, 'a'), 'x');
    expect((await list(root)).state).not.toEqual(before);
  },
);

it('shows nothing of a file that came and went', async () => {
  const root = tempDir('live');
  writeTree(root, { 'd/a': 'a' });
  const before = (await list(root)).state;
  writeFileSync(join(root, 'd/b'), '');
  rmSync(join(root, 'd/b'));
  expect((await list(root)).state).toEqual(before);
});

it('stops with the reason of the signal', async () => {
  const root = tempDir('live');
  writeTree(root, { a: '' });
  const reason = new Error('enough');
  await expect(listLiveTree(root, { closed: new Set(), signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
