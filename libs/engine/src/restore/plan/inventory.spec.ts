import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '@pawvault/archive';
import { DomainError } from '@pawvault/contracts';
import { hasCapabilities, tempDir, type Tree, writeTree } from '@pawvault/testing';
import { compileExcludeRules } from '../../walk/exclude-rules';
import type { FutureNode, FutureTree } from './future-tree';
import { type Inventory, takeInventory } from './inventory';
import { listLiveTree } from './live-tree';
import type { KeptPlace, RestoreTarget } from './prepared-plan';

interface Case {
  live: Tree;
  /** Paths that the archive has; directories end in a slash. */
  archive?: string[];
  keep?: Record<string, KeptPlace['reason']>;
  mounts?: string[];
  clean?: boolean;
  prepare?: (root: string) => void;
}

async function take({ live, archive = [], keep = {}, mounts = [], clean = false, prepare }: Case): Promise<Inventory> {
  const root = tempDir('inventory');
  writeTree(root, live);
  prepare?.(root);
  const target: RestoreTarget = {
    kind: 'agent',
    id: 'a',
    prefix: 'data/workspaces/a/',
    destination: root,
    exists: true,
    keepInside: Object.entries(keep).map(([path, reason]) => ({ path: join(root, path), reason })),
    mounts: mounts.map((path) => join(root, path)),
  };
  const closed = new Set([...Object.keys(keep), ...mounts]);
  const tree = await listLiveTree(root, { closed, signal: new AbortController().signal });
  const rules = compileExcludeRules(['*.tmp', 'cache/', '.pawvault*']);
  return takeInventory(tree, future(archive), { target, rules, limits: DEFAULT_LIMITS, clean });
}

function future(paths: string[]): FutureTree {
  const nodes = new Map<string, FutureNode>();
  const node = (type: FutureNode['type']): FutureNode => ({ type, entry: null, link: null });
  for (const path of paths) {
    const parts = path.replace(/\/$/, '').split('/');
    parts.slice(1).forEach((_, i) => nodes.set(parts.slice(0, i + 1).join('/'), node('directory')));
    nodes.set(parts.join('/'), node(path.endsWith('/') ? 'directory' : 'file'));
  }
  return { nodes, keptOut: 0, unmadeLinks: [] };
}

const moves = ({ carried }: Inventory): string[] =>
  carried.map(
    ({ from, to, reason, detail }) => `${from}${to === from ? '' : ` → ${to}`} (${reason}: ${detail ?? '-'})`,
  );

it.each<[string, Case, Partial<Record<'carried' | 'fixed' | 'removed' | 'made' | 'overwritten', string[]>>]>([
  ['a file that rules leave out', { live: { 'notes.tmp': 'x' } }, { carried: ['notes.tmp (excluded: *.tmp)'] }],
  ['a file that the archive lacks', { live: { 'a.md': 'x' } }, { removed: ['a.md'] }],
  [
    'a directory that rules leave out, as one',
    { live: { 'cache/a/b': 'x', 'cache/c': 'y' }, archive: ['other'] },
    { carried: ['cache (excluded: cache/)'] },
  ],
  [
    'what rules leave out below a directory that the archive lacks',
    { live: { 'gone/deep/x.tmp': 'x', 'gone/deep/y.md': 'y' } },
    { carried: ['gone/deep/x.tmp (excluded: *.tmp)'], removed: ['gone/deep/y.md'], made: ['gone', 'gone/deep'] },
  ],
  [
    'an excluded file that the archive has itself',
    { live: { 'notes.tmp': 'x' }, archive: ['notes.tmp'] },
    { overwritten: ['notes.tmp'] },
  ],
  [
    'what the archive lacks of an excluded directory that it has',
    { live: { 'cache/a': 'x', 'cache/b/c': 'y' }, archive: ['cache/a'] },
    { carried: ['cache/b (excluded: cache/)'], overwritten: ['cache/a'] },
  ],
  [
    'an excluded directory in whose place the archive has a file',
    { live: { 'cache/a': 'x' }, archive: ['cache'] },
    { carried: ['cache → cache.kept-by-restore (excluded: cache/)'] },
  ],
  [
    'an excluded file in whose place the archive has a directory',
    { live: { 'x.tmp': 'x' }, archive: ['x.tmp/y'] },
    { carried: ['x.tmp → x.tmp.kept-by-restore (excluded: *.tmp)'] },
  ],
  [
    'excluded files below a directory in whose place the archive has a file',
    { live: { 'd/e/x.tmp': 'x', 'd/y.tmp': 'y', 'd/z': 'z' }, archive: ['d'] },
    {
      carried: [
        'd/e/x.tmp → d.kept-by-restore/e/x.tmp (excluded: *.tmp)',
        'd/y.tmp → d.kept-by-restore/y.tmp (excluded: *.tmp)',
      ],
      removed: ['d/z'],
      made: ['d.kept-by-restore', 'd.kept-by-restore/e'],
    },
  ],
  [
    'two such, beside a name that is taken',
    {
      live: { d: 'plain', 'cache/a': 'x', 'cache.kept-by-restore': 'mine' },
      archive: ['cache', 'cache.kept-by-restore-2'],
    },
    {
      carried: ['cache → cache.kept-by-restore-3 (excluded: cache/)'],
      removed: ['cache.kept-by-restore', 'd'],
    },
  ],
  [
    'what an earlier restore kept beside its place, when the place is free again',
    { live: { 'd.kept-by-restore/e/x.tmp': 'x', 'cache.kept-by-restore-2/a': '', d: 'now' }, archive: ['d/e/y'] },
    {
      carried: [
        'cache.kept-by-restore-2 → cache (excluded: cache/)',
        'd.kept-by-restore/e/x.tmp → d/e/x.tmp (excluded: *.tmp)',
      ],
      removed: ['d'],
    },
  ],
  [
    'the same, while the place is taken',
    { live: { 'd.kept-by-restore/x.tmp': 'x', 'y.kept-by-restore/z.tmp': '', 'y/z.tmp': '' }, archive: ['d', 'y/a'] },
    {
      carried: [
        'd.kept-by-restore/x.tmp (excluded: *.tmp)',
        'y.kept-by-restore/z.tmp (excluded: *.tmp)',
        'y/z.tmp (excluded: *.tmp)',
      ],
      made: ['d.kept-by-restore', 'y.kept-by-restore'],
    },
  ],
  [
    'a special file',
    { live: {}, prepare: (root) => void execFileSync('mkfifo', [join(root, 'pipe')]) },
    { carried: ['pipe (omitted: special_file)'] },
  ],
  [
    'a special file in whose place the archive has a file',
    { live: {}, archive: ['pipe'], prepare: (root) => void execFileSync('mkfifo', [join(root, 'pipe')]) },
    { carried: ['pipe → pipe.kept-by-restore (omitted: special_file)'] },
  ],
  [
    'a name that is no UTF-8, with all below it',
    {
      live: {},
      prepare: (root) => {
        mkdirSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff])]));
        writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff]), Buffer.from('/in')]), '');
      },
    },
    { carried: ['\udcff (omitted: name_not_representable)'] },
  ],
  [
    'the leftovers of interrupted restores, which go',
    {
      live: {
        '.pawvault-restore-1-0/new/x': '',
        '.qwenpaw_restore_x': '',
        '.restore_tmp/y': '',
        '.pawvault-notes': '',
      },
    },
    {
      carried: ['.pawvault-notes (excluded: .pawvault*)'],
      removed: ['.pawvault-restore-1-0/', '.qwenpaw_restore_x', '.restore_tmp/'],
    },
  ],
  [
    'places of something else',
    { live: { 'in/b/x': '', 'in/c': '', '.master_key': '' }, keep: { 'in/b': 'place', '.master_key': 'master_key' } },
    { carried: ['.master_key (master_key: -)', 'in/b (place: -)'], removed: ['in/c'], made: ['in'] },
  ],
  [
    'a mount, which stays where it is',
    { live: { 'media/nas/x': '', 'media/y.tmp': '' }, mounts: ['media/nas'] },
    { fixed: ['media/nas'], carried: ['media/y.tmp (excluded: *.tmp)'], made: ['media'] },
  ],
  [
    'an excluded directory that holds a mount, which stays as a whole',
    { live: { 'cache/nas/x': '', 'cache/y': '' }, mounts: ['cache/nas'] },
    { fixed: ['cache'] },
  ],
  [
    'excluded files when they are to go',
    { live: { 'x.tmp': '', 'cache/a/b': '', 'c/y': '' }, archive: ['c/y'], clean: true },
    { removed: ['cache/a/b', 'x.tmp'] },
  ],
])('decides about %s', async (_, given, expected) => {
  const inventory = await take(given);
  expect({
    carried: moves(inventory).sort(),
    fixed: inventory.fixed.map(({ from }) => from),
    removed: inventory.removed.map(({ path }) => path).sort(),
    made: inventory.made.map(({ path }) => path),
    overwritten: inventory.overwritten.sort(),
  }).toEqual({ carried: [], fixed: [], removed: [], made: [], overwritten: [], ...expected });
});

it('names the rule by which an excluded file is removed', async () => {
  const { removed } = await take({ live: { 'x.tmp': '', 'y.md': '' }, clean: true });
  expect(removed.sort((a, b) => a.path.localeCompare(b.path))).toEqual([
    { path: 'x.tmp', rule: '*.tmp' },
    { path: 'y.md', rule: null },
  ]);
});

it('keeps special files and unusable names also when excluded files are to go', async () => {
  const prepare = (root: string): void => void execFileSync('mkfifo', [join(root, 'pipe')]);
  expect(moves(await take({ live: {}, prepare, clean: true }))).toEqual(['pipe (omitted: special_file)']);
});

it('refuses an archive with a file in whose place something lies that cannot be moved', async () => {
  const act = take({ live: { 'cache/nas/x': '' }, mounts: ['cache/nas'], archive: ['cache'] });
  await expect(act).rejects.toThrow(DomainError);
  await expect(act).rejects.toMatchObject({
    code: 'RESTORE_DESTINATION_REFUSED',
    details: { reason: 'blocks_kept_place' },
  });
});

const prepareUnreadable = (root: string): void => ['f', 'd'].forEach((path) => chmodSync(join(root, path), 0o000));
const unreadable = { live: { f: 'secret', 'd/x': 'y' }, prepare: prepareUnreadable };

if (hasCapabilities('dac_override'))
  it('reads what its modes forbid, as root with its capabilities', async () => {
    expect((await take(unreadable)).removed.map(({ path }) => path).sort()).toEqual(['d/x', 'f']);
  });
else
  it('keeps what may not be read, beside its place where the archive has it', async () => {
    expect(moves(await take(unreadable)).sort()).toEqual(['d (omitted: unreadable)', 'f (omitted: unreadable)']);
    expect(moves(await take({ ...unreadable, archive: ['f', 'd/x'] })).sort()).toEqual([
      'd → d.kept-by-restore (omitted: unreadable)',
      'f → f.kept-by-restore (omitted: unreadable)',
    ]);
  });
