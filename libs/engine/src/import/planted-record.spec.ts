import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { qwenpawFixture, tempDir } from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { completedRestore, recordRestore } from '../restore/completed-restores';
import { bareInstance } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { openWorkDir, removeLeftovers } from '../work-dir';
import { acceptImport } from './accept-import';
import { checkImport } from './check-import';

describe('a record of an import that another program has changed', () => {
  let backupDir: string;
  let engine: EngineDeps;
  let id: string;
  let canary: string;

  beforeEach(async () => {
    const { directories } = bareInstance();
    ({ backupDir } = directories);
    mkdirSync(backupDir, { mode: 0o700 });
    copyFileSync(qwenpawFixture('signing_key'), join(backupDir, '.signing_key'));
    canary = join(tempDir('canary'), 'precious.zip');
    writeFileSync(canary, 'precious');
    writeFileSync(join(backupDir, 'other.zip'), 'another backup');
    engine = plainEngine(directories);
    ({ id } = await engine.quarantine.reserve({ fileName: 'x.zip', trustMode: null }));
    copyFileSync(qwenpawFixture('legacy-unsigned.zip'), engine.quarantine.archivePath(id));
    await engine.quarantine.admit(id);
    await checkImport(engine, { import_id: id }, new RecordedJob());
  });

  /** Accepts it after a run that has died between writing the record and the move. */
  const acceptWith = async (publishing: { backup_id?: string; replaces?: string | null }): Promise<unknown> => {
    const job = new RecordedJob();
    const { meta } = await engine.quarantine.get(id);
    await engine.quarantine.update(id, {
      state: 'accepting',
      job_id: job.jobId,
      publishing: { ino: 1, backup_id: meta?.id ?? '', replaces: null, overwrite: true, ...publishing },
    });
    copyFileSync(qwenpawFixture('legacy-unsigned.zip'), engine.quarantine.finalPath(id));
    const payload = { import_id: id, overwrite: true, trust_mode: 'legacy' } as const;
    return acceptImport(engine, payload, job).catch((error: unknown) => error);
  };

  it.each<[string, () => string]>([
    ['a path elsewhere', () => canary],
    ['a path that climbs', () => join('..', 'working', 'config.json')],
    ['a path below the backups', () => join(backupDir, '.pawvault', 'audit', 'x.zip')],
    ['the signing key', () => '.signing_key'],
    ['what is no archive', () => 'notes.txt'],
    ['nothing', () => ''],
  ])('removes nothing when it replaces %s', async (_, replaces) => {
    expect(await acceptWith({ replaces: replaces() })).toMatchObject({
      code: 'STATE_FILE_UNTRUSTED',
      details: { path: engine.quarantine.recordPath(id), reason: 'content' },
    });
    expect(readFileSync(canary, 'utf8')).toBe('precious');
    expect(existsSync(join(backupDir, '.signing_key'))).toBe(true);
  });

  it('publishes under no other id than that of the archive', async () => {
    expect(await acceptWith({ backup_id: 'other' })).toMatchObject({ code: 'STATE_FILE_UNTRUSTED' });
    expect(readFileSync(join(backupDir, 'other.zip'), 'utf8')).toBe('another backup');
  });

  it.each<[string, (name: string) => string]>([
    ['a name', (name) => name],
    ['a path, as earlier versions wrote it,', (name) => join(backupDir, name)],
  ])('that replaces %s in the backup directory works', async (_, replaces) => {
    expect(await acceptWith({ replaces: replaces('other.zip') })).toMatchObject({ state: 'accepted' });
    expect(existsSync(join(backupDir, 'other.zip'))).toBe(false);
  });

  it('publishes no link', async () => {
    const { meta } = await engine.quarantine.get(id);
    const archive = engine.quarantine.finalPath(id);
    symlinkSync(canary, archive);
    const job = new RecordedJob();
    await engine.quarantine.update(id, {
      state: 'accepting',
      job_id: job.jobId,
      publishing: { ino: 1, backup_id: meta?.id ?? '', replaces: null, overwrite: true },
    });
    const payload = { import_id: id, overwrite: true, trust_mode: 'legacy' } as const;
    await expect(acceptImport(engine, payload, job)).rejects.toMatchObject({
      code: 'STATE_FILE_UNTRUSTED',
      details: { path: archive, reason: 'not_a_file' },
    });
    expect(existsSync(engine.store.archivePath(meta?.id ?? ''))).toBe(false);
  });
});

describe('the result of a restore', () => {
  const result = { backup_id: 'b' } as unknown as Parameters<typeof recordRestore>[2];

  it('is found by its job, also as earlier versions wrote it', async () => {
    const backupDir = tempDir('backups');
    await recordRestore(backupDir, 'job-1', result);
    expect(await completedRestore(backupDir, 'job-1')).toEqual(result);
    writeFileSync(join(backupDir, '.pawvault/restores/job-2.json'), JSON.stringify(result));
    expect(await completedRestore(backupDir, 'job-2')).toEqual(result);
    expect(await completedRestore(backupDir, 'job-3')).toBeNull();
  });

  it.each<[string, string, (path: string) => void]>([
    ['of another job', 'content', (path) => copyFileSync(path.replace('job-2', 'job-1'), path)],
    ['that is no JSON', 'content', (path) => writeFileSync(path, '{')],
    ['that is a link', 'link', (path) => symlinkSync('job-1.json', path)],
  ])('%s is refused: the restore is not done again on its word', async (_, reason, plant) => {
    const backupDir = tempDir('backups');
    await recordRestore(backupDir, 'job-1', result);
    const path = join(backupDir, '.pawvault/restores/job-2.json');
    plant(path);
    const refusal = { code: 'STATE_FILE_UNTRUSTED', details: { path, reason } };
    await expect(completedRestore(backupDir, 'job-2')).rejects.toMatchObject(refusal);
  });
});

it('no work is done or removed through a link', async () => {
  const backupDir = tempDir('backups');
  const elsewhere = tempDir('elsewhere');
  mkdirSync(join(backupDir, '.pawvault'), { mode: 0o700 });
  mkdirSync(join(elsewhere, 'job~other~1~0'));
  symlinkSync(elsewhere, join(backupDir, '.pawvault/work'));
  const refusal = { code: 'STATE_FILE_UNTRUSTED', details: { reason: 'link' } };
  await expect(openWorkDir(backupDir, 'job')).rejects.toMatchObject(refusal);
  await expect(removeLeftovers(backupDir)).rejects.toMatchObject(refusal);
  expect(existsSync(join(elsewhere, 'job~other~1~0'))).toBe(true);
});
