import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lchownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { failNthCall, hasCapabilities, readTree, skipped, tempDir } from '@pawvault/testing';
import { holdStateDirectory, makeStateDirectory } from './state-directory';
import { readStateFile, removeStateFile, type StateFile, writeStateFile } from './state-file';

const itChowns = hasCapabilities('chown') ? it : skipped('needs the right to give files away');
const STRANGER = 12_345;

let root: string;
let file: StateFile;
let path: string;
beforeEach(async () => {
  root = tempDir('state');
  file = { root, below: '.pawvault/notes', name: 'a.json' };
  path = join(root, '.pawvault/notes/a.json');
  await writeStateFile(file, 'mine');
});

const read = (): Promise<string | undefined> =>
  readStateFile(file, { maxBytes: 100 }).then((bytes) => bytes?.toString('utf8'));

/** Another directory with the same file, which must neither be read nor written. */
function canary(): string {
  const place = tempDir('canary');
  mkdirSync(join(place, 'notes'));
  for (const below of ['a.json', 'notes/a.json']) writeFileSync(join(place, below), 'canary');
  return place;
}

it('is written for this user alone, read back, replaced and removed', async () => {
  expect(await read()).toBe('mine');
  expect(
    [join(root, '.pawvault'), join(root, '.pawvault/notes'), path].map((each) => statSync(each).mode & 0o777),
  ).toEqual([0o700, 0o700, 0o600]);
  await writeStateFile(file, 'changed');
  expect(await read()).toBe('changed');
  await removeStateFile(file);
  await removeStateFile(file);
  expect(await read()).toBeUndefined();
  expect(readdirSync(join(root, '.pawvault/notes'))).toEqual([]);
});

it('is absent without its directories, and reading makes none', async () => {
  expect(await readStateFile({ ...file, below: '.pawvault/others' }, { maxBytes: 1 })).toBeNull();
  expect(await readStateFile({ ...file, root: join(root, 'none') }, { maxBytes: 1 })).toBeNull();
  expect(holdStateDirectory({ root, below: 'none/at/all' })).toBeNull();
  expect(readdirSync(root)).toEqual(['.pawvault']);
});

it('may lie below a root that is a link, which configuration has chosen', async () => {
  const link = join(tempDir('link'), 'backups');
  symlinkSync(root, link);
  expect((await readStateFile({ ...file, root: link }, { maxBytes: 100 }))?.toString()).toBe('mine');
});

describe('a planted file is not read', () => {
  it.each<[string, string, () => void]>([
    ['a link', 'link', () => (unlinkSync(path), symlinkSync(join(canary(), 'a.json'), path))],
    ['a link to nothing', 'link', () => (unlinkSync(path), symlinkSync('nowhere', path))],
    ['a directory', 'not_a_file', () => (unlinkSync(path), mkdirSync(path))],
    ['a fifo', 'not_a_file', () => (unlinkSync(path), execFileSync('mkfifo', [path]))],
    ['a file with a second name', 'hard_link', () => linkSync(path, join(root, 'second'))],
    ['one that others may write', 'writable_by_others', () => chmodSync(path, 0o602)],
    ['one that is too large', 'too_large', () => truncateSync(path, 101)],
    ['one of a terabyte', 'too_large', () => truncateSync(path, 2 ** 40)],
  ])('%s', async (_, reason, plant) => {
    plant();
    await expect(read()).rejects.toMatchObject({ code: 'STATE_FILE_UNTRUSTED', details: { path, reason } });
  });

  itChowns('one of another user', async () => {
    lchownSync(path, STRANGER, STRANGER);
    await expect(read()).rejects.toMatchObject({ details: { path, reason: 'foreign_owner' } });
  });

  itChowns('one that another group may write', async () => {
    lchownSync(path, 0, STRANGER);
    chmodSync(path, 0o660);
    await expect(read()).rejects.toMatchObject({ details: { path, reason: 'writable_by_others' } });
  });
});

it('its own group may write it, as Kubernetes makes it with fsGroup', async () => {
  chmodSync(path, 0o660);
  expect(await read()).toBe('mine');
});

it('two names are fine where they are expected', async () => {
  linkSync(path, join(root, 'second'));
  expect((await readStateFile(file, { maxBytes: 100, maxLinks: 2 }))?.toString()).toBe('mine');
});

describe('a planted directory is neither read nor written', () => {
  const plants: [string, string, string, (below: string) => void][] = [
    ['a link', 'link', '.pawvault', (at) => (renameSync(at, `${at}-away`), symlinkSync(canary(), at))],
    ['a link', 'link', '.pawvault/notes', (at) => (renameSync(at, `${at}-away`), symlinkSync(canary(), at))],
    ['a file', 'not_a_directory', '.pawvault/notes', (at) => (renameSync(at, `${at}-away`), writeFileSync(at, ''))],
    ['one that others may write', 'writable_by_others', '.pawvault', (at) => chmodSync(at, 0o707)],
    ['one that others may write', 'writable_by_others', '.pawvault/notes', (at) => chmodSync(at, 0o707)],
  ];
  it.each(plants)('%s (%s) at %s', async (_, reason, below, plant) => {
    const at = join(root, below);
    plant(at);
    const content = (): string[] =>
      Object.entries(readTree(root)).map(
        ([name, node]) => `${name} ${node.type} ${'sha256' in node ? node.sha256 : ''}`,
      );
    const before = content();
    const refusal = { code: 'STATE_FILE_UNTRUSTED', details: { path: at, reason } };
    await expect(read()).rejects.toMatchObject(refusal);
    await expect(writeStateFile(file, 'changed')).rejects.toMatchObject(refusal);
    await expect(removeStateFile(file)).rejects.toMatchObject(refusal);
    expect(() => makeStateDirectory(file)).toThrow(expect.objectContaining(refusal));
    expect(content()).toEqual(before);
  });

  itChowns('one of another user', async () => {
    lchownSync(join(root, '.pawvault'), STRANGER, STRANGER);
    await expect(read()).rejects.toMatchObject({ details: { reason: 'foreign_owner' } });
  });
});

it('a directory that is swapped for a link after it was looked at gets nothing', () => {
  const place = canary();
  const directory = makeStateDirectory(file);
  const at = join(root, '.pawvault/notes');
  renameSync(at, `${at}-away`);
  symlinkSync(place, at);
  writeFileSync(directory.at('b.json'), 'mine');
  directory.close();
  expect(readdirSync(place).sort()).toEqual(['a.json', 'notes']);
  expect(readFileSync(`${at}-away/b.json`, 'utf8')).toBe('mine');
});

it('reports what the file system refuses, with the real path', async () => {
  const injection = await failNthCall(1, { under: root, errno: 'EIO', only: ({ name }) => name === 'promises.open' });
  const outcome = await writeStateFile(file, 'changed').catch((error: unknown) => error);
  injection.restore();
  expect(outcome).toMatchObject({ code: 'IO_ERROR', details: { path, errno: 'EIO' } });
  expect(await read()).toBe('mine');
});
