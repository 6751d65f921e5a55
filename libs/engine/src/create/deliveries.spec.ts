import { existsSync, mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { type SampleInstance, sampleInstance, tempDir } from '@pawvault/testing';
import { viewArchive } from '../spec-support/archive-view';
import { fullPayload, plainEngine, RecordedJob, remainsIn } from '../spec-support/engine-bench';
import { HookedRunner } from '../spec-support/hooked-runner';
import { openWorkDir, removeLeftovers } from '../work-dir';
import { createBackup } from './create-backup';

const sampleIn = (name: string): SampleInstance => sampleInstance(tempDir(name), { database: 'none' });
const workOf = (sample: SampleInstance): string => join(sample.directories.backupDir, '.pawvault', 'work');

describe('a job that is delivered twice', () => {
  it('makes one backup, and says the same', async () => {
    const sample = sampleIn('twice');
    const deps = plainEngine(sample.directories);
    const payload = fullPayload();
    const first = await createBackup(deps, payload, new RecordedJob('twice'));
    const second = await createBackup(deps, payload, new RecordedJob('twice'));
    expect({ ...second, duration_ms: 0 }).toEqual({ ...first, duration_ms: 0 });
    expect(remainsIn(sample.directories.backupDir).archives).toEqual([`${first.backup_id}.zip`]);
  });

  it('finds its backup also when the version of the instance changed between', async () => {
    const sample = sampleIn('upgraded');
    const payload = fullPayload();
    const first = await createBackup(plainEngine(sample.directories), payload, new RecordedJob());
    const upgraded = plainEngine(sample.directories, { qwenpawVersion: '2.0.0' });
    await expect(createBackup(upgraded, payload, new RecordedJob())).resolves.toMatchObject({
      backup_id: first.backup_id,
    });
  });

  it('while the first attempt is frozen: the second completes, the first publishes nothing', async () => {
    const sample = sampleIn('frozen');
    const deps = plainEngine(sample.directories);
    const payload = fullPayload();
    let thaw = (): void => undefined;
    const thawed = new Promise<void>((resolve) => (thaw = resolve));
    let reached = (): void => undefined;
    const frozen = new Promise<void>((resolve) => (reached = resolve));
    const pool = new HookedRunner(async (task) => {
      // The last task before meta.json is written: the manifest.
      if (task !== 'deflate-block') return;
      reached();
      await thawed;
    });
    const late = createBackup({ ...deps, pool }, payload, new RecordedJob('frozen')).catch((error: unknown) => error);
    await frozen;
    expect(readdirSync(workOf(sample))).toHaveLength(1);
    const result = await createBackup(deps, payload, new RecordedJob('frozen'));
    thaw();
    const ending = await late;
    const remains = remainsIn(sample.directories.backupDir);
    expect(ending).toMatchObject({ code: 'IO_ERROR', details: { errno: 'ENOENT' } });
    expect(remains).toEqual({ archives: [`${result.backup_id}.zip`], work: [], others: [] });
    await expect(viewArchive(join(sample.directories.backupDir, remains.archives[0] ?? ''))).resolves.toBeDefined();
  });

  it('and overtaken between its check and its end: reports what the other published', async () => {
    const sample = sampleIn('overtaken');
    const deps = plainEngine(sample.directories);
    const payload = fullPayload();
    const slow = new RecordedJob('slow');
    let overtaken: Promise<unknown> | undefined;
    const pool = new HookedRunner(async (task) => {
      if (task === 'deflate-block') await (overtaken ??= createBackup(deps, payload, new RecordedJob('fast')));
    });
    const result = await createBackup({ ...deps, pool }, payload, slow);
    await expect(overtaken).resolves.toEqual({ ...result, duration_ms: expect.any(Number) as number });
    expect(remainsIn(sample.directories.backupDir)).toMatchObject({ archives: [`${result.backup_id}.zip`], work: [] });
  });
});

describe('work directories', () => {
  it('of earlier attempts at the same job go, those of other jobs stay', async () => {
    const root = tempDir('work');
    const earlier = await openWorkDir(root, 'backup/1~x');
    const other = await openWorkDir(root, 'backup/10');
    const again = await openWorkDir(root, 'backup/1~x');
    expect(again).not.toBe(earlier);
    expect([earlier, other, again].map((path) => existsSync(path))).toEqual([false, true, true]);
  });

  it.each([
    ['of a process that is gone', '4194305', true],
    ['of this process, which has only just started', String(process.pid), true],
    ['of a process that lives', String(process.ppid), false],
    ['of a process id that is none', 'x', true],
  ])('%s', async (_, pid, removed) => {
    const root = tempDir('leftover');
    await openWorkDir(root, 'sample');
    const [own = ''] = readdirSync(join(root, '.pawvault', 'work'));
    const host = own.split('~')[1] ?? '';
    const name = `job~${host}~${pid}~abcd`;
    mkdirSync(join(root, '.pawvault', 'work', name));
    const gone = await removeLeftovers(root);
    expect(gone.includes(name)).toBe(removed);
    expect(existsSync(join(root, '.pawvault', 'work', name))).toBe(!removed);
  });

  it('of another host stay for an hour after the last write', async () => {
    const root = tempDir('foreign');
    const make = (name: string, minutes: number): string => {
      const path = join(root, '.pawvault', 'work', name);
      mkdirSync(path, { recursive: true });
      const at = new Date(Date.now() - minutes * 60_000);
      utimesSync(path, at, at);
      return path;
    };
    const busy = make('job~other-host~17~abcd', 59);
    make('old~other-host~17~abcd', 61);
    await expect(removeLeftovers(root)).resolves.toEqual(['old~other-host~17~abcd']);
    expect(existsSync(busy)).toBe(true);
  });

  it('that do not exist yet are none', async () => {
    await expect(removeLeftovers(join(tempDir('fresh'), 'gone'))).resolves.toEqual([]);
  });
});
