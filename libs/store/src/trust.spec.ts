import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS, ensureSigningKey } from '@pawvault/archive';
import type { VerificationRecord } from '@pawvault/contracts';
import { hasCapabilities, QWENPAW_FIXTURES, qwenpawFixture, tempDir } from '@pawvault/testing';
import { openStore, type Store } from './index';
import { writeBackup } from './spec-support/write-backup';

const RECORD: VerificationRecord = { state: 'ok', trust: 'valid', at: '2026-05-01T00:00:00.000Z', job_id: 'job-1' };

describe('trust and verification', () => {
  let directory: string;
  let store: Store;

  beforeEach(() => {
    directory = tempDir('store');
    store = openStore({ backupDir: directory, limits: DEFAULT_LIMITS });
  });

  const listed = async (id: string) => (await store.list()).backups.find((backup) => backup.id === id);
  const proven = async (id: string) => {
    const { backups } = await store.list();
    return (await store.proveTrust(backups)).find((backup) => backup.id === id)?.trust;
  };

  it('is proven by the manifest signature, on request, and remembered', async () => {
    const key = await ensureSigningKey(directory);
    writeBackup(directory, { id: 'mine', key });
    writeBackup(directory, { id: 'foreign', key: Buffer.alloc(32, 7) });
    expect([(await listed('mine'))?.trust, (await listed('foreign'))?.trust]).toEqual(['unchecked', 'unchecked']);
    expect([await proven('mine'), await proven('foreign')]).toEqual(['valid', 'mismatch']);
    expect([(await listed('mine'))?.trust, (await listed('foreign'))?.trust]).toEqual(['valid', 'mismatch']);
    expect((await store.summary('mine')).trust).toBe('valid');
  });

  it('ends with the key that it was proven with', async () => {
    writeBackup(directory, { id: 'mine', key: await ensureSigningKey(directory) });
    expect(await proven('mine')).toBe('valid');
    rmSync(join(directory, '.signing_key'));
    await ensureSigningKey(directory);
    expect(await proven('mine')).toBe('mismatch');
  });

  it('is open while the key cannot be used, and the listing goes on', async () => {
    writeBackup(directory, { id: 'mine', key: await ensureSigningKey(directory) });
    writeFileSync(join(directory, '.signing_key'), 'no key');
    expect(await proven('mine')).toBe('unchecked');
    expect((await store.detail('mine')).trust).toBe('unchecked');
  });

  it('is told by the metadata alone where it can be', async () => {
    writeBackup(directory, { id: 'plain' });
    expect((await listed('plain'))?.trust).toBe('unsigned');
    for (const name of QWENPAW_FIXTURES)
      cpSync(qwenpawFixture(name), join(directory, name === 'signing_key' ? '.signing_key' : name));
    const { backups } = await store.list();
    const native = backups.filter(({ has_manifest, trust }) => !has_manifest && trust !== 'unsigned');
    expect((await store.proveTrust(native)).map(({ trust }) => trust)).toEqual(native.map(() => 'unchecked'));
  });

  it('does not believe an archive whose manifest was changed', async () => {
    const path = writeBackup(directory, { id: 'mine', key: await ensureSigningKey(directory) });
    const bytes = readFileSync(path);
    bytes.write('Nina', bytes.lastIndexOf('Mina'));
    writeFileSync(path, bytes);
    expect(await proven('mine')).toBe('mismatch');
  });

  describe('a verification', () => {
    beforeEach(() => writeBackup(directory, { id: 'b', key: Buffer.alloc(32, 1), manifest: false }));

    it('counts for exactly these bytes', async () => {
      await store.recordVerification(await store.find('b'), RECORD);
      expect(await listed('b')).toMatchObject({ trust: 'valid', verified: 'ok', verified_at: RECORD.at });
      const other = openStore({ backupDir: directory, limits: DEFAULT_LIMITS });
      expect(await other.summary('b')).toMatchObject({ trust: 'valid', verified: 'ok' });
      utimesSync(join(directory, 'b.zip'), 1, 1);
      expect(await listed('b')).toMatchObject({ trust: 'unchecked', verified: 'never', verified_at: null });
    });

    it('is seen at once when another process wrote it', async () => {
      const other = openStore({ backupDir: directory, limits: DEFAULT_LIMITS });
      expect((await other.summary('b')).verified).toBe('never');
      for (const state of ['ok', 'damaged', 'ok'] as const) {
        await store.recordVerification(await store.find('b'), { ...RECORD, state });
        expect((await other.summary('b')).verified).toBe(state);
      }
    });

    it('says nothing of trust once the key is another, and still of damage', async () => {
      await store.recordVerification(await store.find('b'), { ...RECORD, trust: 'mismatch' });
      expect((await listed('b'))?.trust).toBe('mismatch');
      await ensureSigningKey(directory);
      expect(await listed('b')).toMatchObject({ trust: 'unchecked', verified: 'ok' });
    });

    it('does not make an unsigned archive trusted', async () => {
      writeBackup(directory, { id: 'plain' });
      await store.recordVerification(await store.find('plain'), RECORD);
      expect(await listed('plain')).toMatchObject({ trust: 'unsigned', verified: 'ok' });
    });

    it('is ignored when its record is damaged', async () => {
      await store.recordVerification(await store.find('b'), RECORD);
      for (const text of ['', 'null', '[]', '{"record":{"state":"great"}}']) {
        writeFileSync(join(directory, '.pawvault/verifications/b.json'), text);
        expect((await openStore({ backupDir: directory, limits: DEFAULT_LIMITS }).summary('b')).verified).toBe('never');
      }
    });

    it('goes with the backup', async () => {
      await store.recordVerification(await store.find('b'), RECORD);
      await store.remove('b');
      expect(existsSync(join(directory, 'b.zip'))).toBe(false);
      expect(readdirSync(join(directory, '.pawvault/verifications'))).toEqual([]);
      await expect(store.find('b')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    });
  });

  describe('remove', () => {
    it('takes the file that is the backup and leaves its duplicate', async () => {
      writeBackup(directory, { id: 'twin', fileName: 'copy.zip' });
      writeBackup(directory, { id: 'twin' });
      await store.remove('twin');
      expect(await listed('twin')).toMatchObject({ file_name: 'copy.zip' });
      await store.remove('twin');
      await expect(store.remove('twin')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    });

    it('takes what cannot be read, by its name', async () => {
      writeFileSync(join(directory, 'broken.zip'), 'no zip');
      await store.remove('broken');
      expect(await store.list()).toEqual({ backups: [], invalid: [], duplicates: [] });
    });

    const removeFromReadOnly = async (): Promise<unknown> => {
      writeBackup(directory, { id: 'kept' });
      chmodSync(directory, 0o500);
      const outcome = await store.remove('kept').catch((error: unknown) => error);
      chmodSync(directory, 0o700);
      return outcome;
    };

    if (hasCapabilities('dac_override'))
      it('removes from a directory without write permission, with the capability for it', async () =>
        expect(await removeFromReadOnly()).toBeUndefined());
    else
      it('says when the file system refuses', async () =>
        expect(await removeFromReadOnly()).toMatchObject({ code: 'PERMISSION_DENIED' }));
  });
});
