import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS, ensureSigningKey } from '@pawvault/archive';
import type { AuditEvent, DomainError } from '@pawvault/contracts';
import { readTree, tempDir } from '@pawvault/testing';
import { AuditLog } from './audit/audit-log';
import { DownloadKey } from './download-key';
import { openStore } from './open-store';
import { openQuarantine } from './quarantine/quarantine';
import { writeBackup } from './spec-support/write-backup';
import { removeStaleTemporaries } from './stale-temporaries';
import { makeUploadDirectory } from './upload-directory';

let root: string;
let own: string;
beforeEach(() => {
  root = tempDir('backups');
  own = join(root, '.pawvault');
});

const clock = (): Date => new Date('2026-04-20T09:30:00Z');
const untrusted = (path: string, reason: string) => ({ code: 'STATE_FILE_UNTRUSTED', details: { path, reason } });

/** Moves what is there away and puts a link to a copy of it in its place. */
function asLink(path: string): void {
  const elsewhere = join(tempDir('elsewhere'), 'moved');
  renameSync(path, elsewhere);
  symlinkSync(elsewhere, path);
}

describe('a record of a verification', () => {
  const RECORD = { at: '2026-04-20T09:30:00Z', state: 'ok', trust: 'valid', job_id: 'j' } as const;

  it.each<[string, string, (path: string) => void]>([
    ['is a link', 'link', asLink],
    ['may be written by others', 'writable_by_others', (path) => chmodSync(path, 0o666)],
    ['is far too large', 'too_large', (path) => writeFileSync(path, 'x'.repeat(2 << 20))],
  ])('that %s is ignored, and the log is told', async (_, reason, plant) => {
    const told: DomainError[] = [];
    const options = { backupDir: root, limits: DEFAULT_LIMITS, onUntrusted: (error: DomainError) => told.push(error) };
    writeBackup(root, { id: 'b', key: await ensureSigningKey(root) });
    const store = openStore(options);
    await store.recordVerification(await store.find('b'), RECORD);
    expect((await openStore(options).list()).backups[0]?.verified).toBe('ok');
    plant(join(own, 'verifications/b.json'));
    expect((await openStore(options).list()).backups[0]?.verified).toBe('never');
    expect(told[0]).toMatchObject(untrusted(join(own, 'verifications/b.json'), reason));
  });
});

it('a download key that others could have written lets no ticket pass, and none is made', async () => {
  const key = new DownloadKey(root);
  await key.obtain();
  chmodSync(join(own, 'download-key'), 0o622);
  expect(await key.read()).toBeNull();
  await expect(key.obtain()).rejects.toMatchObject(untrusted(join(own, 'download-key'), 'writable_by_others'));
});

describe('the audit log', () => {
  const event = { action: 'backup.verify', outcome: 'done', actor: 'a', role: 'operator' } as AuditEvent;

  it('a planted record is a damaged one', async () => {
    const log = new AuditLog({ backupDir: root, clock });
    for (let count = 0; count < 3; count++) await log.append(event);
    expect(await log.prove()).toMatchObject({ state: 'intact', records: 3 });
    asLink(join(own, 'audit/000000000/000000000002.json'));
    expect(await log.prove()).toMatchObject({ state: 'broken', broken_at: 2 });
  });

  it('is written into no directory that is a link', async () => {
    mkdirSync(own, { mode: 0o700 });
    const elsewhere = tempDir('elsewhere');
    symlinkSync(elsewhere, join(own, 'audit'));
    const appended = new AuditLog({ backupDir: root, clock }).append(event);
    await expect(appended).rejects.toMatchObject(untrusted(join(own, 'audit'), 'link'));
    expect(readTree(elsewhere)).toEqual(expect.not.objectContaining({ '000000000': expect.anything() as unknown }));
  });
});

describe('an import', () => {
  const open = () => openQuarantine({ backupDir: root, clock });
  const recordOf = (id: string): string => join(own, 'imports', id, 'import.json');

  it('with a planted record is refused by name, not listed, and not changed', async () => {
    const { id } = await open().reserve({ fileName: null, trustMode: null });
    asLink(recordOf(id));
    await expect(open().get(id)).rejects.toMatchObject(untrusted(recordOf(id), 'link'));
    await expect(open().update(id, { state: 'accepted' })).rejects.toMatchObject({ code: 'STATE_FILE_UNTRUSTED' });
    expect((await open().list({ limit: 9, after: null })).records).toEqual([]);
  });

  it('with the record of another one is refused', async () => {
    const [one, other] = [
      await open().reserve({ fileName: null, trustMode: null }),
      await open().reserve({ fileName: null, trustMode: null }),
    ];
    const copied = readFileSync(recordOf(other.id));
    unlinkSync(recordOf(one.id));
    writeFileSync(recordOf(one.id), copied, { mode: 0o600 });
    await expect(open().get(one.id)).rejects.toMatchObject(untrusted(recordOf(one.id), 'content'));
  });

  it('comes into no directory that is a link, and nothing is removed through one', async () => {
    mkdirSync(own, { mode: 0o700 });
    const elsewhere = tempDir('elsewhere');
    const old = join(elsewhere, 'a'.repeat(32));
    mkdirSync(old);
    utimesSync(old, 0, 0);
    symlinkSync(elsewhere, join(own, 'imports'));
    const refusal = untrusted(join(own, 'imports'), 'link');
    await expect(open().reserve({ fileName: null, trustMode: null })).rejects.toMatchObject(refusal);
    await expect(open().removeExpired()).rejects.toMatchObject(refusal);
    expect(Object.keys(readTree(elsewhere))).toContain('a'.repeat(32));
  });
});

it('nothing is tidied up or uploaded through a link', async () => {
  const elsewhere = tempDir('elsewhere');
  mkdirSync(join(elsewhere, 'notes'));
  writeFileSync(join(elsewhere, 'notes/.x.tmp'), '');
  utimesSync(join(elsewhere, 'notes/.x.tmp'), 0, 0);
  symlinkSync(elsewhere, own);
  await expect(removeStaleTemporaries(root, clock())).rejects.toMatchObject(untrusted(own, 'link'));
  expect(() => makeUploadDirectory(root)).toThrow(expect.objectContaining(untrusted(own, 'link')));
  expect(Object.keys(readTree(elsewhere)).filter((name) => name !== '.')).toEqual(['notes', 'notes/.x.tmp']);
});
