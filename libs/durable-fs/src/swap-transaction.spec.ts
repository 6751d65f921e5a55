import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failNthCall, forEachFailure, readTree, tempDir, type TreeSnapshot, writeTree } from '@pawvault/testing';
import { testAuthority } from './spec-support/test-authority';
import { begin, commit, discard, NotTheOwner, recover, rollBack, type SwapTransaction } from './swap-transaction';
import type { SwapTarget } from './swap-target';

const authority = testAuthority();

/** In the long mode every call fails once with every errno; otherwise they share the calls out. */
const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const ERRNOS = ['EIO', 'ENOSPC', 'EACCES', 'EBUSY', 'EXDEV'];

const OLD = {
  'config.json': 'old config',
  'secrets/.master_key': 'old key',
  'secrets/envs.json': '{}',
  'outer/a.txt': 'old',
  'outer/nested/own.txt': 'somebody else',
  'mount/x/deep.txt': 'old deep',
  'mount/y.txt': 'old y',
  'bound.json': 'old, longer than the new one',
};
const NEW = {
  'config.json': 'new config',
  'secrets/.master_key': 'new key',
  'outer/b.txt': 'new',
  'outer/nested/own.txt': 'somebody else',
  'mount/x/other.txt': 'new other',
  'mount/z.txt': 'new z',
  'bound.json': 'new',
  'made/pool/skill.md': 'added',
};

const target = (root: string, path: string, rest: Partial<SwapTarget>): SwapTarget => {
  const inside = rest.kind === 'children';
  const place = (role: string): string =>
    join(root, inside ? path : dirname(path), `.pawvault-restore-one-${path.replaceAll('/', '-')}`, role);
  const base = {
    path: join(root, path),
    kind: 'sibling' as const,
    staged: place('new'),
    aside: place('old'),
    existed: true,
    carry: [],
    fixed: [],
    before: [],
    after: [],
    made_parents: [],
  };
  return { ...base, ...rest };
};

const targetsIn = (root: string): SwapTarget[] => {
  const after = [{ path: '', mode: 0o755, mtime_ms: 1_700_000_000_000 }];
  return [
    target(root, 'secrets', {}),
    target(root, 'outer', { carry: [{ from: 'nested', to: 'nested' }] }),
    target(root, 'made/pool', {
      existed: false,
      made_parents: [join(root, 'made')],
    }),
    target(root, 'mount', { kind: 'children', after }),
    target(root, 'bound.json', { kind: 'in-place' }),
    target(root, 'config.json', {}),
  ];
};

/** Only what a user sees: the time of a parent directory does not matter. */
function contentOf(root: string): TreeSnapshot {
  const tree = readTree(root);
  return Object.fromEntries(
    Object.entries(tree).map(([path, node]) => [
      path,
      node.type === 'directory' ? { ...node, mtimeMs: 0 } : { ...node, mtimeMs: 0 },
    ]),
  );
}

function expectedOf(tree: Record<string, string>): TreeSnapshot {
  const root = tempDir();
  writeTree(root, tree);
  return contentOf(root);
}

function prepare(root: string): { journalPath: string; targets: SwapTarget[] } {
  writeTree(root, OLD);
  return { journalPath: join(root, '.pawvault_restore_journal.json'), targets: targetsIn(root) };
}

/** What the caller of a transaction does between begin and commit. */
function stage(targets: readonly SwapTarget[]): void {
  const content: Record<string, Record<string, string> | string> = {
    secrets: { '.master_key': 'new key' },
    outer: { 'b.txt': 'new' },
    'made/pool': { 'skill.md': 'added' },
    mount: { 'x/other.txt': 'new other', 'z.txt': 'new z' },
    'bound.json': 'new',
    'config.json': 'new config',
  };
  targets.forEach(({ staged }, i) => {
    const value = Object.values(content)[i] ?? '';
    if (typeof value === 'string') return writeFileSync(staged, value);
    mkdirSync(staged);
    writeTree(staged, value);
  });
}

async function replaceAll(
  root: string,
  { journalPath, targets }: { journalPath: string; targets: SwapTarget[] },
): Promise<void> {
  const transaction: SwapTransaction = await begin(journalPath, { id: 'one', targets, note: {} }, authority);
  stage(targets);
  await commit(transaction, { isOwner: () => Promise.resolve(true) });
  expect(await discard(transaction)).toEqual([]);
  expect(readdirSync(root)).not.toContain('.pawvault_restore_journal.json');
}

describe('a transaction over six targets of all kinds', () => {
  const old = expectedOf(OLD);
  const fresh = expectedOf(NEW);

  it('replaces all of them and leaves nothing behind', async () => {
    const root = tempDir();
    await replaceAll(root, prepare(root));
    expect(contentOf(root)).toEqual(fresh);
  });

  it.each(ERRNOS.map((errno, i) => [errno, i + 1] as const))(
    'is all or nothing when any one call fails with %s',
    async (errno, from) => {
      let finished = 0;
      const calls = await forEachFailure(
        async (attempt) => {
          const root = tempDir();
          const plan = prepare(root);
          const transaction = await begin(plan.journalPath, { id: 'one', targets: plan.targets, note: {} }, authority);
          stage(plan.targets);
          const outcome = await attempt.run(root, async () => {
            await commit(transaction, { isOwner: () => Promise.resolve(true) });
            await discard(transaction);
          });
          await recover(plan.journalPath, authority);
          const now = contentOf(root);
          if (outcome.status === 'done') expect(now['config.json']).toEqual(fresh['config.json']);
          const isNew = JSON.stringify(now['config.json']) === JSON.stringify(fresh['config.json']);
          if (isNew) finished += 1;
          const leftovers =
            outcome.status === 'done' ? Object.keys(now).filter((path) => path.includes('.pawvault')) : [];
          const kept = Object.fromEntries(Object.entries(now).filter(([path]) => !leftovers.includes(path)));
          expect(kept).toEqual(isNew ? fresh : old);
        },
        { errno, ...(LONG ? {} : { from, step: ERRNOS.length }) },
      );
      expect(calls).toBeGreaterThan(100);
      expect(finished).toBeGreaterThan(1);
    },
    300_000,
  );

  it('comes to the same end when recovery fails at any call and runs again', async () => {
    await forEachFailure(
      async (attempt) => {
        const root = tempDir();
        const plan = prepare(root);
        const transaction = await begin(plan.journalPath, { id: 'one', targets: plan.targets, note: {} }, authority);
        stage(plan.targets);
        const stop = (name: string): void => {
          if (name === 'commit') throw new NotTheOwner();
        };
        // A process that dies does not roll back: the journal is taken away while commit handles the error.
        await crashAt(transaction, stop);
        await attempt.run(root, () => recover(plan.journalPath, authority));
        await recover(plan.journalPath, authority);
        expect(contentOf(root)).toEqual(old);
      },
      LONG ? {} : { step: 3 },
    );
  }, 120_000);
});

describe('a directory that has to stay and belongs to somebody else', () => {
  const after = [{ path: '', mode: 0o700, mtime_ms: 1_800_000_000_000 }];
  /** As the kernel answers whoever is neither the owner nor root. */
  const refused = (root: string) =>
    failNthCall(1, {
      under: join(root, 'mount'),
      errno: 'EPERM',
      lasting: 'onwards',
      only: ({ name, target }) => /chmod|utimes/.test(name) && target === join(root, 'mount'),
    });

  it.each(['committed', 'rolled back'])('is %s all the same, and nothing of it is left over', async (ending) => {
    const root = tempDir();
    writeTree(root, { 'mount/y.txt': 'old' });
    const journalPath = join(root, '.pawvault_restore_journal.json');
    const targets = [
      target(root, 'mount', {
        kind: 'children',
        before: [{ path: '', mode: 0o755, mtime_ms: 1_600_000_000_000 }],
        after,
      }),
    ];
    const transaction = await begin(journalPath, { id: 'one', targets, note: {} }, authority);
    mkdirSync(targets[0]?.staged ?? '');
    writeFileSync(join(targets[0]?.staged ?? '', 'z.txt'), 'new');
    const injection = await refused(root);
    try {
      if (ending === 'committed') {
        await commit(transaction, { isOwner: () => Promise.resolve(true) });
        expect(await discard(transaction)).toEqual([]);
      } else await rollBack(transaction);
    } finally {
      injection.restore();
    }
    expect(injection.calls()).toBeGreaterThan(0);
    expect(readdirSync(root)).toEqual(['mount']);
    expect(readdirSync(join(root, 'mount'))).toEqual([ending === 'committed' ? 'z.txt' : 'y.txt']);
  });
});

/** Runs the swaps up to a step and stops as a killed process would: what another process has taken over is not rolled back. */
async function crashAt(transaction: SwapTransaction, onStep: (name: string) => void): Promise<void> {
  const hidden = `${transaction.journalPath}.hidden`;
  const hide = (name: string): void => {
    try {
      onStep(name);
    } catch (error) {
      renameSync(transaction.journalPath, hidden);
      throw error;
    }
  };
  await expect(commit(transaction, { isOwner: () => Promise.resolve(true), onStep: hide })).rejects.toThrow(
    NotTheOwner,
  );
  renameSync(hidden, transaction.journalPath);
  expect(readFileSync(transaction.journalPath, 'utf8')).toContain('swapping');
}
