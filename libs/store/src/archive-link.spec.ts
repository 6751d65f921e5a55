import {
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { DEFAULT_LIMITS } from '@pawvault/archive';
import { hasCapabilities, skipped, tempDir } from '@pawvault/testing';
import { openBackup, openStore, type Store } from './index';
import { writeBackup } from './spec-support/write-backup';

/** Neither this user nor root. */
const NOBODY = 65_534;

const itGivesAway = hasCapabilities('chown') ? it : skipped('needs the right to give files away');

describe('a link in the backup directory', () => {
  let directory: string;
  let elsewhere: string;
  let store: Store;
  let archive: string;

  beforeEach(() => {
    directory = tempDir('store');
    elsewhere = tempDir('nas');
    store = openStore({ backupDir: directory, limits: DEFAULT_LIMITS });
    archive = writeBackup(elsewhere, { id: 'far', fileName: 'kept.zip' });
  });

  const link = (name: string, target: string): string => {
    symlinkSync(target, join(directory, name));
    return join(directory, name);
  };
  const listed = async (): Promise<[string[], string[]]> => {
    const { backups, invalid } = await store.list();
    return [backups.map(({ file_name }) => file_name), invalid.map(({ file_name, code }) => `${file_name} ${code}`)];
  };
  const REFUSED: [string[], string[]] = [[], ['far.zip ARCHIVE_IS_A_LINK']];

  it.each([
    ['far.zip', (): string => archive],
    ['any name.zip', (): string => relative(directory, archive)],
    ['.hidden.zip', (): string => archive],
  ])('called %s to an archive is that backup', async (name, target) => {
    link(name, target());
    expect(await listed()).toEqual([[name], []]);
    expect(await store.summary('far')).toMatchObject({ id: 'far', file_name: name, size: lstatSync(archive).size });
    expect((await store.detail('far')).modules).toMatchObject({ global_config: { files: 1 } });
    const { stream } = await store.openFile('far', 'data/config.json');
    expect((await stream.toArray()).join('')).toBe('{}');
    expect(await store.find('far')).toMatchObject({ path: join(directory, name), source: archive });
  });

  it('may lead to another link, and to a file of the directory itself', async () => {
    symlinkSync('kept.zip', join(elsewhere, 'latest.zip'));
    link('far.zip', join(elsewhere, 'latest.zip'));
    link('latest.zip', 'far.zip');
    const { backups, duplicates } = await store.list();
    expect(backups).toMatchObject([{ file_name: 'far.zip' }]);
    expect(duplicates).toMatchObject([{ file_name: 'latest.zip', id: 'far' }]);
  });

  it('follows its target when that is moved, and a hidden archive is a backup like any other', async () => {
    const path = link('far.zip', archive);
    expect((await store.list()).backups).toHaveLength(1);
    const moved = join(elsewhere, 'moved.zip');
    renameSync(archive, moved);
    expect(await listed()).toEqual(REFUSED);
    unlinkSync(path);
    link('far.zip', moved);
    expect((await store.find('far')).source).toBe(moved);
    writeBackup(directory, { id: 'here', fileName: '.here.zip' });
    expect((await listed())[0].sort()).toEqual(['.here.zip', 'far.zip']);
  });

  it.each<[string, (root: string) => string]>([
    ['nowhere', (root) => join(root, 'none.zip')],
    ['a directory', (root) => root],
    ['itself', () => 'far.zip'],
    ['a device', () => '/dev/null'],
    ['a file below a file', (root) => join(root, 'kept.zip', 'x')],
  ])('to %s is listed as invalid, and can be deleted', async (_, target) => {
    const path = link('far.zip', target(elsewhere));
    expect(await listed()).toEqual(REFUSED);
    const refusal = { code: 'BACKUP_INVALID', details: { id: 'far', reason: 'ARCHIVE_IS_A_LINK' } };
    await expect(store.find('far')).rejects.toMatchObject(refusal);
    await store.remove('far');
    expect([lstatSync(path, { throwIfNoEntry: false }), existsSync(elsewhere)]).toEqual([undefined, true]);
  });

  it('to what is no archive is invalid for that', async () => {
    writeFileSync(join(elsewhere, 'text'), 'no zip at all, only text');
    link('far.zip', join(elsewhere, 'text'));
    expect(await listed()).toEqual([[], ['far.zip ARCHIVE_NOT_ZIP']]);
  });

  it('is deleted alone, and never the file after it', async () => {
    const path = link('far.zip', archive);
    const before = readFileSync(archive);
    await store.remove('far');
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(archive)).toEqual(before);
  });

  it('that takes the place of a file after the look is not followed', async () => {
    const path = writeBackup(directory, { id: 'here' });
    const backup = await store.find('here');
    rmSync(path);
    symlinkSync(archive, path);
    await expect(openBackup(backup, DEFAULT_LIMITS)).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  });

  itGivesAway('that another user made to a file of root is not followed', async () => {
    lchownSync(link('far.zip', archive), NOBODY, NOBODY);
    expect(await listed()).toEqual(REFUSED);
  });

  itGivesAway('that a user made to a file of their own is followed', async () => {
    lchownSync(link('far.zip', archive), NOBODY, NOBODY);
    chownSync(archive, NOBODY, NOBODY);
    expect(await listed()).toEqual([['far.zip'], []]);
  });

  itGivesAway('that root made is not followed on through one of another user', async () => {
    const between = join(elsewhere, 'between.zip');
    symlinkSync(archive, between);
    lchownSync(between, NOBODY, NOBODY);
    link('far.zip', between);
    expect(await listed()).toEqual(REFUSED);
  });

  it('counts `..` from where it really lies', async () => {
    const real = join(tempDir('real'), 'deep');
    mkdirSync(real);
    symlinkSync(real, join(elsewhere, 'side'));
    symlinkSync('../far.zip', join(real, 'up.zip'));
    writeBackup(dirname(real), { id: 'far' });
    link('far.zip', join(elsewhere, 'side', 'up.zip'));
    expect((await store.find('far')).source).toBe(join(dirname(real), 'far.zip'));
  });
});
