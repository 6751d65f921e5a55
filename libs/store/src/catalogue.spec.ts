import { chmodSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '@pawvault/archive';
import { FULL_SCOPE } from '@pawvault/contracts';
import {
  type ForgedEntry,
  forgeZip,
  hasCapabilities,
  QWENPAW_FIXTURES,
  qwenpawFixture,
  tempDir,
} from '@pawvault/testing';
import { openStore, type Store } from './index';
import { writeBackup } from './spec-support/write-backup';

const open = (backupDir: string): Store => openStore({ backupDir, limits: DEFAULT_LIMITS });

describe('the catalogue', () => {
  let directory: string;
  let store: Store;

  beforeEach(() => {
    directory = tempDir('store');
    store = open(directory);
  });

  const ids = async (): Promise<string[]> => (await store.list()).backups.map(({ id }) => id);

  it('is empty where there is no directory yet', async () => {
    expect(await open(join(directory, 'later')).list()).toEqual({ backups: [], invalid: [], duplicates: [] });
  });

  it('says when the directory cannot be one', async () => {
    writeFileSync(join(directory, 'file'), '');
    await expect(open(join(directory, 'file')).list()).rejects.toMatchObject({ code: 'BACKUP_DIR_UNUSABLE' });
  });

  it('lists the archives of QwenPaw and none of their secrets', async () => {
    for (const name of QWENPAW_FIXTURES)
      cpSync(qwenpawFixture(name), join(directory, name === 'signing_key' ? '.signing_key' : name));
    const { backups, invalid } = await store.list();
    expect(invalid).toEqual([]);
    expect(backups.length + (await store.list()).duplicates.length).toBe(5);
    const text = JSON.stringify(backups);
    expect(text).not.toMatch(/hmac|"signature|canonical|manifest_signature/);
    const legacy = backups.find(({ trust }) => trust === 'unsigned');
    expect(legacy).toMatchObject({
      accepted_via_trust: null,
      has_manifest: false,
      verified: 'never',
      verified_at: null,
    });
  });

  it('takes zip files only, and nothing in the making', async () => {
    const path = writeBackup(directory, { id: 'one' });
    cpSync(path, join(directory, '._one.zip'));
    cpSync(path, join(directory, 'one.zip.tmp'));
    cpSync(path, join(directory, 'one.zip.bak'));
    mkdirSync(join(directory, 'folder.zip'));
    expect(await store.list()).toMatchObject({ backups: [{ id: 'one' }], invalid: [], duplicates: [] });
  });

  it('is newest first, by instant and not by spelling', async () => {
    writeBackup(directory, { id: 'a', createdAt: '2026-04-20T09:30:00Z' });
    writeBackup(directory, { id: 'b', createdAt: '2026-04-20T12:00:00+05:00' });
    writeBackup(directory, { id: 'c', createdAt: '2026-04-20T09:30:00.5' });
    expect(await ids()).toEqual(['c', 'a', 'b']);
  });

  it('takes the id from the metadata, whatever the file is called', async () => {
    writeBackup(directory, { id: 'inside', fileName: 'copy of 猫.zip' });
    expect(await store.list()).toMatchObject({ backups: [{ id: 'inside', file_name: 'copy of 猫.zip' }] });
    expect((await store.find('inside')).fileName).toBe('copy of 猫.zip');
  });

  it('prefers <id>.zip and shows the others as duplicates', async () => {
    writeBackup(directory, { id: 'twin', fileName: 'a-copy.zip' });
    writeBackup(directory, { id: 'twin' });
    writeBackup(directory, { id: 'twin', fileName: 'z-copy.zip' });
    const { backups, duplicates } = await store.list();
    expect(backups.map(({ file_name }) => file_name)).toEqual(['twin.zip']);
    expect(duplicates.map(({ file_name, id }) => [file_name, id])).toEqual([
      ['a-copy.zip', 'twin'],
      ['z-copy.zip', 'twin'],
    ]);
    expect((await store.detail('twin')).duplicates).toEqual(['a-copy.zip', 'z-copy.zip']);
  });

  it('lists a damaged archive apart, with the reason, beside the sound ones', async () => {
    const good = readFileSync(writeBackup(directory, { id: 'good' }));
    writeFileSync(join(directory, 'cut.zip'), good.subarray(0, good.length - 100));
    writeFileSync(join(directory, 'empty.zip'), '');
    writeBackup(directory, { id: 'bad-time', createdAt: 'yesterday' });
    writeBackup(directory, { id: '../../etc/passwd', fileName: 'escape.zip' });
    const { backups, invalid } = await store.list();
    expect(backups.map(({ id }) => id)).toEqual(['good']);
    expect(invalid.map(({ file_name, code }) => [file_name, code])).toEqual([
      ['bad-time.zip', 'ARCHIVE_META_INVALID'],
      ['cut.zip', 'ARCHIVE_NOT_ZIP'],
      ['empty.zip', 'ARCHIVE_NOT_ZIP'],
      ['escape.zip', 'ARCHIVE_META_INVALID'],
    ]);
    expect(invalid[0]?.reason).toContain('created_at');
    expect(invalid[0]?.modified_at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('lists an archive with two faces apart, and shows neither', async () => {
    const meta = (id: string): ForgedEntry => ({
      name: 'meta.json',
      content: JSON.stringify({ id, name: id, created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE }),
    });
    const innocent = forgeZip([meta('innocent')]);
    const records = innocent.subarray(innocent.indexOf('PK\x01\x02'), -22);
    const secret: ForgedEntry = { name: 'data/secrets/a', central: { comment: records } };
    writeFileSync(join(directory, 'twice.zip'), forgeZip([meta('evil'), secret, meta('innocent')]));
    writeFileSync(join(directory, 'hidden.zip'), forgeZip([meta('evil'), secret]));
    const { backups, invalid } = await store.list();
    expect(backups).toEqual([]);
    expect(invalid.map(({ file_name, code }) => [file_name, code]).sort()).toEqual([
      ['hidden.zip', 'ARCHIVE_DIRECTORY_AMBIGUOUS'],
      ['twice.zip', 'ARCHIVE_NAME_DUPLICATE'],
    ]);
  });

  it('sees changes of every kind, and a repaired archive again', async () => {
    writeBackup(directory, { id: 'first' });
    expect(await ids()).toEqual(['first']);
    writeBackup(directory, { id: 'second', fileName: 'first.zip' });
    expect(await ids()).toEqual(['second']);
    renameSync(join(directory, 'first.zip'), join(directory, 'moved.zip'));
    writeFileSync(join(directory, 'first.zip'), 'no zip');
    expect(await store.list()).toMatchObject({
      backups: [{ file_name: 'moved.zip' }],
      invalid: [{ file_name: 'first.zip' }],
    });
    writeBackup(directory, { id: 'first' });
    rmSync(join(directory, 'moved.zip'));
    expect(await store.list()).toMatchObject({ backups: [{ id: 'first' }], invalid: [] });
  });

  it('reads an unchanged archive once', async () => {
    const path = writeBackup(directory, { id: 'same' });
    const at = new Date('2026-01-01T00:00:00Z');
    utimesSync(path, at, at);
    await store.list();
    // Other bytes behind the same size, time and inode: only a second read could notice.
    writeFileSync(path, Buffer.alloc(readFileSync(path).length));
    utimesSync(path, at, at);
    expect(await ids()).toEqual(['same']);
    expect((await open(directory).list()).invalid).toHaveLength(1);
  });

  it('lists a thousand archives', async () => {
    for (let i = 0; i < 1000; i++) {
      writeBackup(directory, { id: `b${i}`, createdAt: new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString() });
    }
    const { backups, invalid } = await store.list();
    expect(invalid).toEqual([]);
    expect(backups.map(({ id }) => id)).toEqual(Array.from({ length: 1000 }, (_, i) => `b${999 - i}`));
  });

  describe('find', () => {
    it('refuses what is no id', async () => {
      for (const id of ['', '.', '..', '.x', '../one', 'a/b', 'a\0b', 'a\n', 'x'.repeat(201)]) {
        await expect(store.find(id)).rejects.toMatchObject({ code: 'BACKUP_ID_INVALID' });
        expect(() => store.archivePath(id)).toThrow(expect.objectContaining({ code: 'BACKUP_ID_INVALID' }));
      }
    });

    it('tells missing from damaged', async () => {
      writeFileSync(join(directory, 'broken.zip'), 'no zip');
      await expect(store.find('absent')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
      await expect(store.find('broken')).rejects.toMatchObject({
        code: 'BACKUP_INVALID',
        details: { id: 'broken', reason: 'ARCHIVE_NOT_ZIP' },
      });
      writeBackup(directory, { id: 'broken', fileName: 'elsewhere.zip' });
      expect((await store.find('broken')).fileName).toBe('elsewhere.zip');
    });

    it('does not take a file at its name when its metadata says another id', async () => {
      writeBackup(directory, { id: 'real', fileName: 'claimed.zip' });
      await expect(store.find('claimed')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    });
  });

  const listClosed = async (): Promise<string[]> => {
    const path = writeBackup(directory, { id: 'closed' });
    chmodSync(path, 0o000);
    const { invalid } = await store.list();
    chmodSync(path, 0o600);
    expect(await ids()).toEqual(['closed']);
    return invalid.map(({ code }) => code);
  };

  if (hasCapabilities('dac_override'))
    it('reads a file that its mode closes, with the capability for it', async () =>
      expect(await listClosed()).toEqual([]));
  else
    it('reports an unreadable file and tries it again', async () =>
      expect(await listClosed()).toEqual(['PERMISSION_DENIED']));
});
