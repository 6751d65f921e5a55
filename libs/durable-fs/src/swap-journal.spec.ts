import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { everythingIn, hasCapabilities, readTree, skipped, tempDir, writeTree } from '@pawvault/testing';
import { holdDirectory } from './held-directory';
import { testAuthority } from './spec-support/test-authority';
import { readJournal, type SwapJournal, writeJournal } from './swap-journal';
import { recover } from './swap-transaction';

const itGivesAway = hasCapabilities('chown') ? it : skipped('needs the right to give files away');
const STATES = ['staging', 'swapping', 'committed'] as const;
const authority = testAuthority();

/** A working directory with a target, and a canary beside it that no journal may reach. */
function place(): { root: string; journal: string; working: string; canary: string } {
  const root = tempDir('journal');
  writeTree(root, {
    'working/workspaces/a/AGENTS.md': 'live',
    'working/config.json': '{}',
    'canary/secret.txt': 'only for its owner',
    'canary/directory/file': 'x',
    'backups/one.zip': 'a backup',
    'backups/.signing_key': 'the key',
  });
  chmodSync(join(root, 'canary'), 0o700);
  const working = join(root, 'working');
  return { root, working, canary: join(root, 'canary'), journal: join(working, '.pawvault_restore_journal.json') };
}
type Place = ReturnType<typeof place>;

const targetAt = (path: string, change: object = {}): object => ({
  path,
  kind: 'sibling',
  staged: `${path}-area/new`,
  aside: `${path}-area/old`,
  existed: true,
  carry: [],
  fixed: [],
  before: [],
  after: [],
  made_parents: [],
  ...change,
});

const journalOf = (targets: object[], change: object = {}): object => ({
  version: 2,
  id: '0badcafe',
  state: 'swapping',
  targets,
  note: {},
  ...change,
});

async function sealed(journal: object): Promise<string> {
  const text = JSON.stringify(journal);
  return `${text}\n${await authority.seal(text)}\n`;
}

const plant = (path: string, content: string | Buffer): void => writeFileSync(path, content, { mode: 0o600 });

/** Refused with the code, and nothing anywhere is another than before. */
async function expectRefusal({ root, journal }: Place, code: string): Promise<void> {
  const before = everythingIn(root);
  await expect(recover(journal, authority)).rejects.toMatchObject({ code, details: { path: journal } });
  await expect(readJournal(journal, authority)).rejects.toMatchObject({ code });
  expect(everythingIn(root)).toEqual(before);
}

describe('a journal that was planted', () => {
  const kinds = ['sibling', 'children', 'in-place'];
  const cases = STATES.flatMap((state) => kinds.map((kind) => ({ state, kind })));

  it.each(cases)('without a seal is not acted upon: $state, $kind', async ({ state, kind }) => {
    const scene = place();
    const target = targetAt(scene.canary, {
      kind,
      staged: join(scene.root, 'backups'),
      aside: join(scene.root, 'backups'),
    });
    plant(scene.journal, `${JSON.stringify(journalOf([target], { state }))}\n`);
    await expectRefusal(scene, 'RESTORE_JOURNAL_UNREADABLE');
  });

  it.each(cases)('and sealed with another key is not acted upon: $state, $kind', async ({ state, kind }) => {
    const scene = place();
    const text = JSON.stringify(journalOf([targetAt(scene.canary, { kind })], { state }));
    plant(scene.journal, `${text}\n${await testAuthority('another key').seal(text)}\n`);
    await expectRefusal(scene, 'RESTORE_JOURNAL_UNTRUSTED');
  });

  it.each(['path', 'state', 'blank'])('and changed after it was sealed is not acted upon: %s', async (what) => {
    const scene = place();
    const text = await sealed(journalOf([targetAt(scene.canary)]));
    const changes: Record<string, string> = {
      path: text.replace('canary', 'backups'),
      state: text.replace('swapping', 'committed'),
      blank: text.replace('{', '{ '),
    };
    plant(scene.journal, changes[what] ?? '');
    await expectRefusal(scene, 'RESTORE_JOURNAL_UNTRUSTED');
  });

  it('and names what its reader would never have chosen is not acted upon, sealed or not', async () => {
    const scene = place();
    const refusing = testAuthority('a key', 'it names a place that no restore replaces');
    const before = everythingIn(scene.root);
    plant(scene.journal, await sealed(journalOf([targetAt(scene.canary)])));
    const expected = {
      code: 'RESTORE_JOURNAL_UNTRUSTED',
      details: { reason: 'it names a place that no restore replaces' },
    };
    await expect(recover(scene.journal, refusing)).rejects.toMatchObject(expected);
    expect(everythingIn(scene.canary)).toEqual(Object.fromEntries(canaryOf(before)));
  });

  it.each<[string, object]>([
    ['a relative path', { path: 'canary' }],
    ['a path with ..', { path: '/working/../canary' }],
    ['a staged path with ..', { staged: '/working/../canary' }],
    ['an aside path with an empty part', { aside: '/working//canary' }],
    ['the root', { path: '/' }],
    ['a made parent with ..', { made_parents: ['/working/..'] }],
    ['a relative made parent', { made_parents: ['working'] }],
    ['a made parent that is no string', { made_parents: [null] }],
    ['carry with ..', { carry: [{ from: 'a/../../canary', to: 'a' }] }],
    ['carry to ..', { carry: [{ from: 'a', to: '../canary' }] }],
    ['carry of an absolute path', { carry: [{ from: '/canary', to: 'a' }] }],
    ['carry that is no list', { carry: { from: 'a', to: 'a' } }],
    ['carry of nothing', { carry: [null] }],
    ['a fixed path with ..', { fixed: ['..'] }],
    ['a state with ..', { before: [{ path: '..', mode: 0o777, mtime_ms: 0 }] }],
    ['a state without a mode', { after: [{ path: 'a', mtime_ms: 0 }] }],
    ['a state without a usable time', { after: [{ path: 'a', mode: 0o700, mtime_ms: 1e400 }] }],
    ['an unknown kind', { kind: 'everything' }],
    ['no kind', { kind: undefined }],
    ['existed that is no boolean', { existed: 'yes' }],
  ])('with %s is unreadable, even with a seal', async (_, change) => {
    const scene = place();
    plant(scene.journal, await sealed(journalOf([targetAt(scene.canary, change)])));
    await expectRefusal(scene, 'RESTORE_JOURNAL_UNREADABLE');
  });

  it.each<[string, string | Buffer]>([
    ['empty', ''],
    ['noise', Buffer.from([0, 255, 10, 10, 10])],
    ['not an object', 'null\n'],
    ['a list', '[]\nx\n'],
    ['of a later version', JSON.stringify(journalOf([], { version: 3 }))],
    ['without an id', JSON.stringify(journalOf([], { id: 7 }))],
    ['without a note', JSON.stringify(journalOf([], { version: 1, note: null }))],
    ['without targets', JSON.stringify(journalOf([], { version: 1, targets: null }))],
    ['with a target that is nothing', JSON.stringify(journalOf([], { version: 1, targets: [null] }))],
    ['in an unknown state', JSON.stringify(journalOf([], { version: 1, state: 'done' }))],
    ['deeply nested', '['.repeat(1_000_000)],
  ])('that is garbage is unreadable: %s', async (_, content) => {
    const scene = place();
    plant(scene.journal, content);
    await expectRefusal(scene, 'RESTORE_JOURNAL_UNREADABLE');
  });

  it.each<[string, unknown]>([
    ['none', undefined],
    ['a text', 'x'],
    ['one of two', { before: { mode: 0o755, mtime_ms: 1 } }],
    ['a mode that is no number', { before: { mode: '755', mtime_ms: 1 }, after: { mode: 0o755, mtime_ms: 1 } }],
    ['a time that is no number', { before: { mode: 0o755, mtime_ms: null }, after: { mode: 0o755, mtime_ms: 1 } }],
  ])('of version 1 with unusable attributes is unreadable: %s', async (_, attributes) => {
    const scene = place();
    const {
      fixed: _fixed,
      before: _before,
      after: _after,
      ...target
    } = targetAt(scene.canary) as Record<string, unknown>;
    plant(scene.journal, JSON.stringify(journalOf([{ ...target, attributes }], { version: 1 }), null, 1));
    await expectRefusal(scene, 'RESTORE_JOURNAL_UNREADABLE');
  });
});

const canaryOf = (all: Record<string, unknown>): [string, unknown][] =>
  Object.entries(all)
    .filter(([path]) => path === 'canary' || path.startsWith('canary/'))
    .map(([path, node]) => [path === 'canary' ? '.' : path.slice('canary/'.length), node]);

describe('a journal that this program cannot have written', () => {
  /** A sound journal: only the file that it stands in is wrong. */
  async function sound(scene: Place): Promise<string> {
    return sealed(journalOf([targetAt(join(scene.working, 'workspaces/a'))]));
  }

  it.each<[string, (scene: Place, text: string) => void | Promise<void>]>([
    [
      'a symbolic link to one',
      ({ journal, root }, text) => (plant(join(root, 'elsewhere'), text), symlinkSync('../elsewhere', journal)),
    ],
    ['a dangling link', ({ journal }) => symlinkSync('nowhere', journal)],
    ['a link to itself', ({ journal }) => symlinkSync(journal, journal)],
    [
      'a second name of a file',
      ({ journal, root }, text) => (plant(join(root, 'elsewhere'), text), linkSync(join(root, 'elsewhere'), journal)),
    ],
    ['a pipe', ({ journal }) => void execFileSync('mkfifo', ['-m', '600', journal])],
    ['a directory', ({ journal }) => mkdirSync(journal)],
    ['a directory with a file', ({ journal }) => writeTree(journal, { file: 'x' })],
    ['writable by its group', ({ journal }, text) => (plant(journal, text), chmodSync(journal, 0o620))],
    ['writable by all', ({ journal }, text) => (plant(journal, text), chmodSync(journal, 0o602))],
    ['far too large', ({ journal }, text) => (plant(journal, text), truncateSync(journal, 2 ** 40))],
  ])('is untrusted: %s', async (_, make) => {
    const scene = place();
    await make(scene, await sound(scene));
    await expectRefusal(scene, 'RESTORE_JOURNAL_UNTRUSTED');
  });

  it('is untrusted: a socket', async () => {
    const scene = place();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(scene.journal, resolve));
    try {
      await expectRefusal(scene, 'RESTORE_JOURNAL_UNTRUSTED');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  for (const mode of [0o600, 0o644, 0o000])
    itGivesAway(`is untrusted: of another user, with mode ${mode.toString(8)}`, async () => {
      const scene = place();
      plant(scene.journal, await sound(scene));
      chmodSync(scene.journal, mode);
      chownSync(scene.journal, 65534, 65534);
      await expectRefusal(scene, 'RESTORE_JOURNAL_UNTRUSTED');
    });

  it('is untrusted or no journal at all: one that its owner may not read', async () => {
    const scene = place();
    plant(scene.journal, 'garbage');
    chmodSync(scene.journal, 0);
    const before = everythingIn(scene.root);
    await expect(recover(scene.journal, authority)).rejects.toMatchObject({
      code: expect.stringMatching(/^RESTORE_JOURNAL_UN(?:TRUSTED|READABLE)$/),
    });
    expect(everythingIn(scene.root)).toEqual(before);
  });

  it('tells what to do', async () => {
    const scene = place();
    mkdirSync(scene.journal);
    const error: unknown = await recover(scene.journal, authority).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ details: { path: scene.journal, reason: 'it is not a regular file' } });
  });
});

describe('writing a journal', () => {
  async function write({ journal, working }: Place): Promise<void> {
    const directory = holdDirectory(working);
    try {
      await writeJournal({ path: journal, directory }, journalOf([]) as unknown as SwapJournal, authority);
    } finally {
      directory.close();
    }
  }

  it.each(['journal', 'temporary'])('does not write through a link in the place of the %s', async (which) => {
    const scene = place();
    const link = which === 'journal' ? scene.journal : `${scene.journal}.tmp`;
    symlinkSync(join(scene.canary, 'secret.txt'), link);
    const before = everythingIn(scene.canary);
    await write(scene);
    expect(everythingIn(scene.canary)).toEqual(before);
    expect(lstatSync(scene.journal).isFile()).toBe(true);
    expect(readdirSync(scene.working).sort()).toEqual(['.pawvault_restore_journal.json', 'config.json', 'workspaces']);
  });

  it('does not write into a second name of a file', async () => {
    const scene = place();
    linkSync(join(scene.canary, 'secret.txt'), `${scene.journal}.tmp`);
    await write(scene);
    expect(readFileSync(join(scene.canary, 'secret.txt'), 'utf8')).toBe('only for its owner');
  });

  it('fails where a directory is in its place, and leaves it', async () => {
    const scene = place();
    writeTree(`${scene.journal}.tmp`, { file: 'x' });
    await expect(write(scene)).rejects.toThrow();
    expect(readTree(`${scene.journal}.tmp`)['file']).toMatchObject({ size: 1 });
    expect(existsSync(scene.journal)).toBe(false);
  });
});
