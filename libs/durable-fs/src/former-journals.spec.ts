import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { everythingIn, readTree, tempDir, writeTree } from '@pawvault/testing';
import { testAuthority } from './spec-support/test-authority';
import { recover } from './swap-transaction';

const authority = testAuthority();

describe('a journal of version 1', () => {
  interface Former {
    kind: 'sibling' | 'children' | 'in-place';
    existed?: boolean;
    carry?: string[];
  }

  /** As the former code wrote it: staged and old content lie beside the target, or in it. */
  function formerTarget(
    working: string,
    path: string,
    index: number,
    { kind, existed = true, carry = [] }: Former,
  ): object {
    const area = join(working, kind === 'children' ? path : join(path, '..'));
    const name = (role: string): string => join(area, `.pawvault-restore-0badcafe-${index}-${role}`);
    const attributes = {
      before: { mode: 0o750, mtime_ms: 1_600_000_000_000 },
      after: { mode: 0o755, mtime_ms: 1_700_000_000_000 },
    };
    return {
      path: join(working, path),
      kind,
      staged: name('new'),
      aside: name('old'),
      existed,
      carry,
      attributes: kind === 'children' ? attributes : null,
      made_parents: existed ? [] : [join(working, 'made')],
    };
  }

  const targetsIn = (working: string): object[] => [
    formerTarget(working, 'ws/a', 0, { kind: 'sibling', carry: ['inner'] }),
    formerTarget(working, 'ws/b', 1, { kind: 'children' }),
    formerTarget(working, 'made/c', 2, { kind: 'sibling', existed: false }),
    formerTarget(working, 'bound.json', 3, { kind: 'in-place' }),
    formerTarget(working, 'config.json', 4, { kind: 'sibling' }),
  ];
  const part = (index: number, role: string): string => `.pawvault-restore-0badcafe-${index}-${role}`;
  const OLD = {
    'ws/a/old.txt': 'old a',
    'ws/a/inner/kept.txt': 'kept',
    'ws/b/old.txt': 'old b',
    'bound.json': 'old, and longer',
    'config.json': 'old config',
  };
  const NEW = {
    'ws/a/new.txt': 'new a',
    'ws/a/inner/kept.txt': 'kept',
    'ws/b/new.txt': 'new b',
    'made/c/new.txt': 'new c',
    'bound.json': 'new',
    'config.json': 'new config',
  };
  const STAGED = {
    [`ws/${part(0, 'new')}/new.txt`]: 'new a',
    [`ws/b/${part(1, 'new')}/new.txt`]: 'new b',
    [`made/${part(2, 'new')}/new.txt`]: 'new c',
    [part(3, 'new')]: 'new',
    [part(4, 'new')]: 'new config',
  };
  /** What lies where after the process has died, by the moment. */
  const DIED: Record<string, Record<string, string>> = {
    'while it staged': { ...OLD, ...STAGED },
    'before the first exchange': { ...OLD, ...STAGED },
    'between exchanges': {
      ...STAGED,
      ...OLD,
      // The first is exchanged, the second half.
      'ws/a/old.txt': '',
      [`ws/${part(0, 'old')}/old.txt`]: 'old a',
      'ws/a/new.txt': 'new a',
      'ws/b/old.txt': '',
      [`ws/b/${part(1, 'old')}.part/old.txt`]: 'old b',
      [`ws/${part(0, 'new')}/new.txt`]: '',
    },
    'before the commit point': {
      ...NEW,
      [`ws/${part(0, 'old')}/old.txt`]: 'old a',
      [`ws/b/${part(1, 'old')}/old.txt`]: 'old b',
      [part(3, 'old')]: 'old, and longer',
      [part(3, 'new')]: 'new',
      [part(4, 'old')]: 'old config',
    },
  };

  const contentOf = (root: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(readTree(root))
        .filter(([, { type }]) => type === 'file')
        .map(([path]) => [path, readFileSync(join(root, path), 'utf8')]),
    );

  function crashed(state: string, content: Record<string, string>): { root: string; journal: string } {
    const root = tempDir('former');
    writeTree(root, Object.fromEntries(Object.entries(content).filter(([, text]) => text !== '')));
    const journal = join(root, '.pawvault_restore_journal.json');
    const value = { version: 1, state, id: '0badcafe', targets: targetsIn(root), note: { job_id: '7' } };
    writeFileSync(journal, `${JSON.stringify(value, null, 1)}\n`, { mode: 0o600 });
    return { root, journal };
  }

  it.each([
    ['staging', 'while it staged'],
    ['swapping', 'before the first exchange'],
    ['swapping', 'between exchanges'],
    ['swapping', 'before the commit point'],
  ])('in state %s is rolled back: the process died %s', async (state, moment) => {
    const { root, journal } = crashed(state, DIED[moment] ?? {});
    await expect(recover(journal, authority)).resolves.toMatchObject({ outcome: 'rolled-back' });
    expect(contentOf(root)).toEqual(OLD);
    expect(existsSync(join(root, 'made'))).toBe(false);
    expect(readdirSync(join(root, 'ws'))).toEqual(['a', 'b']);
    expect(lstatSync(join(root, 'ws/b'))).toMatchObject({ mtimeMs: 1_600_000_000_000 });
  });

  it('in state committed is finished', async () => {
    const { root, journal } = crashed('committed', DIED['before the commit point'] ?? {});
    await expect(recover(journal, authority)).resolves.toMatchObject({ outcome: 'finished', stuck: [] });
    expect(contentOf(root)).toEqual(NEW);
    expect(readdirSync(root).sort()).toEqual(['bound.json', 'config.json', 'made', 'ws']);
    expect(lstatSync(join(root, 'ws/b'))).toMatchObject({ mtimeMs: 1_700_000_000_000 });
  });

  it('is not acted upon where its targets are none of ours', async () => {
    const { root, journal } = crashed('committed', DIED['before the commit point'] ?? {});
    const before = everythingIn(root);
    const refusing = testAuthority('a key', 'no');
    await expect(recover(journal, refusing)).rejects.toMatchObject({ code: 'RESTORE_JOURNAL_UNTRUSTED' });
    expect(everythingIn(root)).toEqual(before);
  });

  it('does not lead out of the target through a link in the place of its old content', async () => {
    const { root, journal } = crashed('swapping', DIED['before the commit point'] ?? {});
    const canary = tempDir('canary');
    writeTree(canary, { inner: 'x' });
    const before = everythingIn(canary);
    renameSync(join(root, `ws/${part(0, 'old')}`), join(root, 'gone'));
    symlinkSync(canary, join(root, `ws/${part(0, 'old')}`));
    await recover(journal, authority).catch(() => undefined);
    expect(everythingIn(canary)).toEqual(before);
  });
});
