import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { forEachFailure, hasCapabilities, readTree, tempDir, type Tree, writeTree } from '@pawvault/testing';
import { testAuthority } from './spec-support/test-authority';
import { begin, commit, discard, NotTheOwner, recover } from './swap-transaction';
import type { DirectoryState, SwapTarget } from './swap-target';

/** In the long mode every call fails once with every errno; otherwise they share some of the calls out. */
const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const ERRNOS = ['EIO', 'ENOSPC', 'EACCES', 'EBUSY', 'EXDEV'];
const SPREAD = LONG ? 1 : 5 * ERRNOS.length;

const authority = testAuthority();
const T = (n: number): Date => new Date(1_600_000_000_000 + n * 1000);
/** Only a process that may give files away can play another owner. */
const OTHER = hasCapabilities('chown') ? 1234 : null;

const file = (content: string, n: number, mode = 0o640): Tree[string] => ({ type: 'file', content, mode, mtime: T(n) });
const dir = (n: number, mode = 0o755): Tree[string] => ({ type: 'directory', mode, mtime: T(n) });

/** Two directories, one of which has to stay because of what is mounted in it, with what is carried over from locked places; and a file. */
const OLD: Tree = {
  outer: dir(1, 0o750),
  'outer/a.txt': file('old', 2),
  'outer/a.tmp': file('left out', 3, 0o600),
  'outer/nested': dir(4, 0o711),
  'outer/nested/own.txt': file('own', 5),
  'outer/locked': dir(6, 0o555),
  'outer/locked/mod': file('module', 7, 0o444),
  'outer/locked/cache': dir(8, 0o500),
  'outer/locked/cache/x': file('cached', 9),
  'outer/gone/deep': dir(10),
  'outer/gone/deep/b.tmp': file('left out', 11),
  'outer/gone': dir(12, 0o555),
  mount: dir(20, 0o775),
  'mount/y.txt': file('old y', 21),
  'mount/c.tmp': file('left out', 22),
  'mount/share': dir(23, 0o555),
  'mount/share/beside.txt': file('old beside', 24),
  'mount/share/nas': dir(25, 0o700),
  'mount/share/nas/file': file('on the share', 26),
  'mount/share/d.tmp': file('left out', 27),
  'config.json': file('old config', 30, 0o600),
};

const CARRY = {
  outer: [
    { from: 'a.tmp', to: 'a.tmp.kept-by-restore' },
    { from: 'nested', to: 'nested' },
    { from: 'locked/cache', to: 'locked/cache' },
    { from: 'gone/deep/b.tmp', to: 'gone/deep/b.tmp' },
  ],
  mount: [
    { from: 'c.tmp', to: 'c.tmp' },
    { from: 'share/d.tmp', to: 'share/d.tmp' },
  ],
};

const state = (path: string, n: number, mode: number): DirectoryState => ({ path, mode, mtime_ms: T(n).getTime() });
const AFTER = {
  outer: [
    state('', 101, 0o700),
    state('locked', 102, 0o555),
    state('locked/cache', 8, 0o500),
    state('gone', 12, 0o555),
    state('gone/deep', 10, 0o755),
  ],
  mount: [state('', 120, 0o755), state('share', 121, 0o555)],
};
const STAGED: Record<'outer' | 'mount', Tree> = {
  outer: {
    'a.txt': file('new', 103, 0o600),
    'a.tmp/inside': file('a directory by now', 104),
    'a.tmp': dir(105),
    'locked/mod': file('new module', 106, 0o444),
    gone: dir(0),
    'gone/deep': dir(0),
  },
  mount: { 'z.txt': file('new z', 122), 'share/beside.txt': file('new beside', 123) },
};

function targetAt(root: string, path: 'outer' | 'mount' | 'config.json', rest: Partial<SwapTarget>): SwapTarget {
  const own = join(root, rest.kind === 'children' ? path : '', `.pawvault-restore-one-${path}`);
  const base = {
    kind: 'sibling' as const,
    existed: true,
    carry: [],
    fixed: [],
    before: [],
    after: [],
    made_parents: [],
  };
  return { ...base, path: join(root, path), staged: join(own, 'new'), aside: join(own, 'old'), ...rest };
}

function targetsIn(root: string): SwapTarget[] {
  const { mode, mtimeMs } = lstatSync(join(root, 'mount'));
  const before = [{ path: '', mode: mode & 0o7777, mtime_ms: mtimeMs }];
  return [
    targetAt(root, 'outer', { carry: CARRY.outer, after: AFTER.outer }),
    targetAt(root, 'mount', { kind: 'children', carry: CARRY.mount, fixed: ['share/nas'], before, after: AFTER.mount }),
    targetAt(root, 'config.json', {}),
  ];
}

function make(): { root: string; journal: string } {
  const root = tempDir('rich');
  writeTree(root, OLD);
  if (OTHER !== null)
    for (const path of ['outer/nested', 'outer/a.tmp', 'outer/locked', 'mount/share/d.tmp'])
      lchownSync(join(root, path), OTHER, OTHER);
  return { root, journal: join(root, '.pawvault_restore_journal.json') };
}

function stage(targets: readonly SwapTarget[]): void {
  for (const { path, staged } of targets) {
    if (path.endsWith('config.json')) {
      writeFileSync(staged, 'new config', { mode: 0o600 });
      utimesSync(staged, T(130), T(130));
      continue;
    }
    mkdirSync(staged, { mode: 0o700 });
    writeTree(staged, path.endsWith('outer') ? STAGED.outer : STAGED.mount);
  }
}

/** With modes, times and owners; the time of the directories around the targets does not matter. */
function everything(root: string): Record<string, unknown> {
  // What only its owner could look into is opened for the look, and closed again.
  const closed = ['outer/locked/cache', 'mount/share/nas'].map((path) => join(root, path));
  const modes = closed.map((path) => lstatSync(path, { throwIfNoEntry: false })?.mode);
  const tree = readTree(root);
  closed.forEach((path, i) => modes[i] !== undefined && chmodSync(path, modes[i]));
  return Object.fromEntries(
    Object.entries(tree).map(([path, node]) => [path, { ...node, uid: lstatSync(join(root, path)).uid }]),
  );
}

const isOwner = (): Promise<boolean> => Promise.resolve(true);

async function replaceAll(root: string, journal: string): Promise<void> {
  const targets = targetsIn(root);
  const transaction = await begin(journal, { id: 'one', targets, note: {} }, authority);
  stage(targets);
  await commit(transaction, { isOwner });
  expect(await discard(transaction)).toEqual([]);
}

/** What it is to be in the end, made once without a fault. */
async function reference(): Promise<{ old: Record<string, unknown>; fresh: Record<string, unknown> }> {
  const { root, journal } = make();
  const old = everything(root);
  await replaceAll(root, journal);
  return { old, fresh: everything(root) };
}

it('carries over, keeps fixed places, and gives modes, times and owners', async () => {
  const { fresh } = await reference();
  expect(fresh).toMatchObject({
    outer: { mode: 0o700, mtimeMs: T(101).getTime() },
    'outer/a.tmp.kept-by-restore': { mode: 0o600, mtimeMs: T(3).getTime(), uid: OTHER ?? process.geteuid?.() },
    'outer/nested/own.txt': { mtimeMs: T(5).getTime() },
    'outer/locked': { mode: 0o555, mtimeMs: T(102).getTime() },
    'outer/locked/cache': { mode: 0o500, mtimeMs: T(8).getTime() },
    'outer/gone': { mode: 0o555, mtimeMs: T(12).getTime() },
    'outer/gone/deep/b.tmp': { mtimeMs: T(11).getTime() },
    mount: { mode: 0o755, mtimeMs: T(120).getTime() },
    'mount/share': { mode: 0o555, mtimeMs: T(121).getTime() },
    'mount/share/nas': { mode: 0o700, mtimeMs: T(25).getTime() },
    'mount/share/nas/file': { mtimeMs: T(26).getTime() },
    'mount/share/d.tmp': { mtimeMs: T(27).getTime(), uid: OTHER ?? process.geteuid?.() },
    'mount/c.tmp': { mtimeMs: T(22).getTime() },
    'config.json': { mtimeMs: T(130).getTime() },
  });
  expect(Object.keys(fresh).filter((path) => path.includes('pawvault'))).toEqual([]);
  expect(fresh).not.toHaveProperty('mount/y.txt');
});

it.each(ERRNOS.map((errno, i) => [errno, LONG ? 1 : 1 + i * 5] as const))(
  'is exactly old or exactly new when any one call fails with %s',
  async (errno, from) => {
    const { old, fresh } = await reference();
    const seen = { old: 0, fresh: 0 };
    await forEachFailure(
      async (attempt) => {
        const { root, journal } = make();
        const outcome = await attempt.run(root, () => replaceAll(root, journal));
        await recover(journal, authority);
        const now = everything(root);
        const isFresh = JSON.stringify(now) === JSON.stringify(fresh);
        if (outcome.status === 'done' || isFresh) expect(now).toEqual(fresh);
        else expect(now).toEqual(old);
        seen[isFresh ? 'fresh' : 'old'] += 1;
      },
      { errno, from, step: SPREAD },
    );
    expect(seen.old).toBeGreaterThan(3);
    expect(seen.fresh).toBeGreaterThan(0);
  },
  900_000,
);

it.each(['swap outer', 'swap mount', 'swap config.json', 'commit'])(
  'comes to the old state when a process has died before %s, and recovery fails at any call',
  async (stop) => {
    const { old } = await reference();
    await forEachFailure(
      async (attempt) => {
        const { root, journal } = make();
        await crash(root, journal, stop);
        await attempt.run(root, () => recover(journal, authority));
        await recover(journal, authority);
        expect(everything(root)).toEqual(old);
        expect(readdirSync(root).sort()).toEqual(['config.json', 'mount', 'outer']);
      },
      { errno: 'EIO', step: LONG ? 1 : 9 },
    );
  },
  900_000,
);

/** As a killed process leaves it: what another process has taken over is not rolled back. */
async function crash(root: string, journal: string, stop: string): Promise<void> {
  const targets = targetsIn(root);
  const transaction = await begin(journal, { id: 'one', targets, note: {} }, authority);
  stage(targets);
  const onStep = (name: string): void => {
    if (name.replace(`${dirname(journal)}/`, '') !== stop) return;
    renameSync(journal, `${journal}.hidden`);
    throw new NotTheOwner();
  };
  await expect(commit(transaction, { isOwner, onStep })).rejects.toThrow(NotTheOwner);
  renameSync(`${journal}.hidden`, journal);
}
