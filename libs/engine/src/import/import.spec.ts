import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportView, TrustMode } from '@pawvault/contracts';
import { failNthCall, qwenpawFixture, type QwenpawFixture, tempDir } from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { verifyBackup } from '../verify/verify-backup';
import { removeLeftovers } from '../work-dir';
import { acceptImport } from './accept-import';
import { checkImport } from './check-import';

interface Place {
  engine: EngineDeps;
  root: string;
  backupDir: string;
}

/** An installation whose signing key is the one of the native fixtures. */
function place(): Place {
  const root = tempDir('import');
  const workingDir = join(root, 'working');
  const backupDir = join(root, 'backups');
  mkdirSync(backupDir, { mode: 0o700 });
  copyFileSync(qwenpawFixture('signing_key'), join(backupDir, '.signing_key'));
  const directories = {
    workingDir,
    secretDir: `${workingDir}.secret`,
    backupDir,
    configFile: join(workingDir, 'config.json'),
  };
  return { engine: plainEngine(directories), root, backupDir };
}

async function upload({ engine }: Place, bytes: Buffer, trustMode: TrustMode | null = null): Promise<string> {
  const { id } = await engine.quarantine.reserve({ fileName: 'x.zip', trustMode });
  writeFileSync(engine.quarantine.archivePath(id), bytes);
  await engine.quarantine.admit(id);
  return id;
}

const fixture = (name: QwenpawFixture): Buffer => readFileSync(qwenpawFixture(name));

/** The job that the import was handed to, as the gateway does it. */
async function jobOf({ engine }: Place, id: string): Promise<RecordedJob> {
  const job = new RecordedJob();
  await engine.quarantine.update(id, { job_id: job.jobId });
  return job;
}

const check = async (here: Place, id: string): Promise<ImportView> =>
  checkImport(here.engine, { import_id: id }, await jobOf(here, id));

const accept = async (
  here: Place,
  id: string,
  decision: { overwrite?: boolean; trust_mode?: TrustMode } = {},
): Promise<ImportView> =>
  acceptImport(here.engine, { import_id: id, overwrite: false, trust_mode: null, ...decision }, await jobOf(here, id));

/** The archives of the backup directory, which is all that a listing shows. */
const archives = ({ backupDir }: Place): string[] => readdirSync(backupDir).filter((name) => name.endsWith('.zip'));

/** What lies in quarantine beside the records. */
const quarantined = ({ backupDir }: Place): string[] =>
  readdirSync(join(backupDir, '.pawvault', 'imports'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.zip'),
  );

it('an archive that is signed here becomes a backup at once', async () => {
  const here = place();
  const view = await check(here, await upload(here, fixture('native-full.zip')));
  expect(view).toMatchObject({ state: 'accepted', conflict: null, trust_needed: null, backup_id: view.meta?.id });
  expect(view.report.map(({ state }) => state)).toEqual(Array(7).fill('passed'));
  expect(readFileSync(join(here.backupDir, `${view.backup_id}.zip`))).toEqual(fixture('native-full.zip'));
  expect(quarantined(here)).toEqual([]);
});

describe.each<[QwenpawFixture, TrustMode, TrustMode, string]>([
  ['legacy-unsigned.zip', 'legacy', 'foreign', 'backup_legacy_unsigned'],
  ['foreign-full.zip', 'foreign', 'legacy', 'backup_signature_mismatch'],
])('%s', (name, needed, wrong, code) => {
  it('waits for somebody to vouch for it, and is nowhere to be seen until then', async () => {
    const here = place();
    const id = await upload(here, fixture(name));
    const view = await check(here, id);
    expect(view).toMatchObject({ state: 'needs_decision', trust_needed: needed, backup_id: null });
    expect(view.report.find(({ state }) => state === 'decision')).toMatchObject({ name: 'signature', code });
    expect(archives(here)).toEqual([]);
    expect(await here.engine.store.list()).toEqual({ backups: [], invalid: [], duplicates: [] });
    await expect(here.engine.store.find(view.meta?.id ?? '')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    await expect(accept(here, id)).rejects.toMatchObject({ code });
    await expect(accept(here, id, { trust_mode: wrong })).rejects.toMatchObject({ code });
    expect(await here.engine.quarantine.get(id)).toMatchObject({ state: 'needs_decision', trust_needed: needed });
    expect(await accept(here, id, { trust_mode: needed })).toMatchObject({ state: 'accepted' });
  });

  it('is signed anew, marked, and sound', async () => {
    const here = place();
    const view = await check(here, await upload(here, fixture(name), needed));
    expect(view).toMatchObject({ state: 'accepted', trust_needed: needed });
    const verified = await verifyBackup(here.engine, { backup_id: view.backup_id ?? '' }, new RecordedJob());
    expect(verified).toMatchObject({ state: 'ok', trust: 'valid', problem_count: 0 });
    expect((await here.engine.store.summary(view.backup_id ?? '')).accepted_via_trust).toBe(true);
    expect(quarantined(here)).toEqual([]);
  });
});

describe('an id that is taken', () => {
  it('is overwritten only when told to, without another upload', async () => {
    const here = place();
    const { backup_id } = await check(here, await upload(here, fixture('native-trusted.zip')));
    const id = await upload(here, fixture('legacy-unsigned.zip'));
    const view = await check(here, id);
    expect(view).toMatchObject({ state: 'needs_decision', conflict: { id: backup_id }, trust_needed: 'legacy' });
    await expect(accept(here, id, { trust_mode: 'legacy' })).rejects.toMatchObject({ code: 'BACKUP_EXISTS' });
    const before = readFileSync(join(here.backupDir, `${backup_id}.zip`));
    await accept(here, id, { trust_mode: 'legacy', overwrite: true });
    expect(readFileSync(join(here.backupDir, `${backup_id}.zip`))).not.toEqual(before);
    expect(archives(here)).toHaveLength(1);
  });

  it('by a file of another name is overwritten as well', async () => {
    const here = place();
    copyFileSync(qwenpawFixture('native-full.zip'), join(here.backupDir, 'a copy.zip'));
    const id = await upload(here, fixture('native-full.zip'));
    const { conflict } = await check(here, id);
    expect(conflict?.name).toContain('backup');
    const { backup_id } = await accept(here, id, { overwrite: true });
    expect(archives(here)).toEqual([`${backup_id}.zip`]);
  });

  /** A backup, and the decision that another archive replaces it. */
  async function decided() {
    const here = place();
    const { backup_id: backupId } = await check(here, await upload(here, fixture('native-trusted.zip')));
    if (backupId === null) throw new Error('The first archive was not accepted');
    const path = join(here.backupDir, `${backupId}.zip`);
    const before = readFileSync(path);
    const id = await upload(here, fixture('legacy-unsigned.zip'));
    await check(here, id);
    const payload = { import_id: id, overwrite: true, trust_mode: 'legacy' } as const;
    return { here, id, backupId, path, before, payload, job: await jobOf(here, id) };
  }

  it('by a backup that a job uses waits until nobody uses it', async () => {
    const { here, id, backupId, path, before, payload, job } = await decided();
    job.users.set(backupId, ['e-restore']);
    await expect(acceptImport(here.engine, payload, job)).rejects.toMatchObject({
      code: 'BACKUP_IN_USE',
      details: { id: backupId, job_id: 'e-restore' },
    });
    expect(job.progress).toEqual([]);
    expect(await here.engine.quarantine.get(id)).toMatchObject({ state: 'needs_decision', trust_needed: 'legacy' });
    expect(readFileSync(path)).toEqual(before);
    expect(await acceptImport(here.engine, payload, await jobOf(here, id))).toMatchObject({ state: 'accepted' });
    expect(readFileSync(path)).not.toEqual(before);
  });

  it('by a backup that a job begins to use while the import is being signed waits as well', async () => {
    const { here, id, backupId, path, before, payload, job } = await decided();
    job.afterReport = () => job.users.set(backupId, ['e-restore']);
    await expect(acceptImport(here.engine, payload, job)).rejects.toMatchObject({ code: 'BACKUP_IN_USE' });
    expect(job.progress.length).toBeGreaterThan(0);
    expect(readFileSync(path)).toEqual(before);
    // What is signed already needs nobody to vouch for it again.
    expect(await here.engine.quarantine.get(id)).toMatchObject({ state: 'needs_decision', trust_needed: null });
    expect(await accept(here, id, { overwrite: true })).toMatchObject({ state: 'accepted' });
    expect((await here.engine.store.summary(backupId)).accepted_via_trust).toBe(true);
  });

  it('while it was being accepted opens the question again', async () => {
    const here = place();
    const [first, second] = [
      await upload(here, fixture('native-full.zip')),
      await upload(here, fixture('native-full.zip')),
    ];
    const ends = await Promise.allSettled([check(here, first), check(here, second)]);
    const states = (await here.engine.quarantine.list({ limit: 9, after: null })).records
      .map(({ state }) => state)
      .sort();
    expect(states).toEqual(['accepted', 'needs_decision']);
    expect(ends.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect(archives(here)).toHaveLength(1);
  });
});

it('what is no sound archive is rejected, with the check that failed, and its file removed', async () => {
  const here = place();
  const damaged = fixture('native-full.zip');
  damaged.writeUInt8(damaged.readUInt8(200) ^ 1, 200);
  const view = await check(here, await upload(here, damaged));
  expect(view).toMatchObject({ state: 'rejected', backup_id: null });
  expect(view.report.filter(({ state }) => state === 'failed')).toHaveLength(1);
  expect(view.report.at(-1)).toMatchObject({ name: 'conflict', state: 'skipped' });
  expect([archives(here), quarantined(here)]).toEqual([[], []]);
});

it('delivered again, both jobs say the same and do nothing', async () => {
  const here = place();
  const id = await upload(here, fixture('foreign-full.zip'));
  const view = await check(here, id);
  expect({ ...(await check(here, id)), job_id: null }).toEqual({ ...view, job_id: null });
  const accepted = await accept(here, id, { trust_mode: 'foreign' });
  const { mtimeMs } = await here.engine.store.find(accepted.backup_id ?? '');
  expect({ ...(await accept(here, id, { trust_mode: 'foreign' })), job_id: null }).toEqual({
    ...accepted,
    job_id: null,
  });
  expect((await here.engine.store.find(accepted.backup_id ?? '')).mtimeMs).toBe(mtimeMs);
});

describe('a job that comes again after somebody has decided anew', () => {
  it('does not get in the way, be it the check or an acceptance', async () => {
    const here = place();
    await check(here, await upload(here, fixture('native-trusted.zip')));
    const id = await upload(here, fixture('legacy-unsigned.zip'));
    const [checking, first, second] = [await jobOf(here, id), new RecordedJob(), new RecordedJob()];
    await checkImport(here.engine, { import_id: id }, checking);
    await here.engine.quarantine.update(id, { state: 'accepting', job_id: second.jobId });
    const lines = { import_id: id, trust_mode: 'legacy' } as const;
    expect(await checkImport(here.engine, { import_id: id }, checking)).toMatchObject({ state: 'accepting' });
    const refused = acceptImport(here.engine, { ...lines, overwrite: false }, first);
    await expect(refused).rejects.toMatchObject({ code: 'IMPORT_NOT_DECIDABLE' });
    expect(await here.engine.quarantine.get(id)).toMatchObject({ state: 'accepting', job_id: second.jobId });
    const done = await acceptImport(here.engine, { ...lines, overwrite: true }, second);
    expect(done).toMatchObject({ state: 'accepted' });
  });
});

it('expires an hour after the check, and is swept away', async () => {
  const here = place();
  const id = await upload(here, fixture('foreign-full.zip'));
  await check(here, id);
  await here.engine.quarantine.update(id, { expires_at: new Date(Date.now() - 1).toISOString() });
  await expect(here.engine.quarantine.get(id)).rejects.toMatchObject({ code: 'IMPORT_NOT_FOUND' });
  expect(await here.engine.quarantine.removeExpired()).toEqual([id]);
  expect(readdirSync(join(here.backupDir, '.pawvault', 'imports'))).toEqual([]);
});

it.each(['../x', '', 'a'.repeat(31), 'A'.repeat(32), `${'a'.repeat(32)}/..`])('"%s" is no id', async (id) => {
  await expect(place().engine.quarantine.get(id)).rejects.toMatchObject({ code: 'IMPORT_NOT_FOUND' });
});

/** In the long mode every call fails with every errno; otherwise a spread of them. */
const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const SHORT_ATTEMPTS = 40;

describe.each<[string, boolean]>([
  ['a new archive', false],
  ['one that replaces another', true],
])('whichever call fails while %s is accepted', (_what, overwrite) => {
  it('the id is the old archive or the new one, complete, and the next attempt ends it', async () => {
    const attempt = async (nth: number, errno: string): Promise<{ calls: number; failed: string | undefined }> => {
      const here = place();
      if (overwrite) await check(here, await upload(here, fixture('native-trusted.zip')));
      const id = await upload(here, fixture('legacy-unsigned.zip'));
      await check(here, id);
      const old = overwrite ? readFileSync(join(here.backupDir, archives(here)[0] ?? '')) : null;
      const injection = await failNthCall(nth, { under: here.root, errno });
      const done = await accept(here, id, { trust_mode: 'legacy', overwrite }).then(
        () => true,
        () => false,
      );
      injection.restore();
      const failed = `${injection.failed()?.name} ${injection.failed()?.target}`;
      const [name] = archives(here);
      const now = name === undefined ? null : readFileSync(join(here.backupDir, name));
      const isOld = old === null ? now === null : now?.equals(old) === true;
      expect({ failed, done: done && isOld }).toEqual({ failed, done: false });
      await redeliver(here, id, overwrite);
      const { backup_id, state } = await here.engine.quarantine.get(id);
      expect({ failed, state }).toEqual({ failed, state: 'accepted' });
      const verified = await verifyBackup(here.engine, { backup_id: backup_id ?? '' }, new RecordedJob());
      expect({ failed, verified }).toMatchObject({ failed, verified: { state: 'ok', trust: 'valid' } });
      expect({ failed, left: quarantined(here), archives: archives(here).length }).toEqual({
        failed,
        left: [],
        archives: 1,
      });
      await removeLeftovers(here.backupDir);
      expect(leftIn(join(here.backupDir, '.pawvault', 'work'))).toEqual([]);
      return { calls: injection.calls(), failed: injection.failed()?.name };
    };
    const { calls } = await attempt(Number.MAX_SAFE_INTEGER, 'EIO');
    const step = LONG ? 1 : Math.max(1, Math.floor(calls / SHORT_ATTEMPTS));
    for (let nth = 1; nth <= calls; nth += step)
      for (const errno of LONG ? ['EIO', 'ENOSPC', 'EACCES'] : ['ENOSPC']) await attempt(nth, errno);
    expect(calls).toBeGreaterThan(20);
  }, 120_000);
});

it('a disk that fails while an archive is checked says nothing against the archive', async () => {
  const attempt = async (nth: number): Promise<number> => {
    const here = place();
    const id = await upload(here, fixture('native-full.zip'));
    const injection = await failNthCall(nth, { under: here.root, errno: 'EIO' });
    await check(here, id).catch(() => undefined);
    injection.restore();
    const failed = `${injection.failed()?.name} ${injection.failed()?.target}`;
    const { state } = await here.engine.quarantine.get(id);
    expect({ failed, rejected: state === 'rejected' }).toEqual({ failed, rejected: false });
    const again = await check(here, id);
    const done = again.state === 'needs_decision' ? await accept(here, id) : again;
    expect({ failed, state: done.state, archives: archives(here).length }).toEqual({
      failed,
      state: 'accepted',
      archives: 1,
    });
    return injection.calls();
  };
  const calls = await attempt(Number.MAX_SAFE_INTEGER);
  for (let nth = 1; nth <= calls; nth += 1) await attempt(nth);
  expect(calls).toBeGreaterThan(20);
}, 120_000);

describe.each<[string, QwenpawFixture, TrustMode | null]>([
  ['signed here', 'native-full.zip', null],
  ['vouched for with the upload', 'foreign-full.zip', 'foreign'],
])('a check of an archive that is %s', (_what, name, trustMode) => {
  it('goes on where it was, wherever its worker was told to stop', async () => {
    const attempt = async (nth: number): Promise<number> => {
      const here = place();
      const id = await upload(here, fixture(name), trustMode);
      const job = new RecordedJob();
      let calls = 0;
      const stop = (): boolean => (++calls === nth && job.abort.abort(), false);
      const injection = await failNthCall(Number.MAX_SAFE_INTEGER, { under: here.root, only: stop });
      await checkImport(here.engine, { import_id: id }, job).catch(() => undefined);
      injection.restore();
      const { state } = await checkImport(here.engine, { import_id: id }, new RecordedJob(job.jobId));
      expect({ nth, state, archives: archives(here).length }).toEqual({ nth, state: 'accepted', archives: 1 });
      expect(quarantined(here)).toEqual([]);
      return calls;
    };
    const calls = await attempt(Number.MAX_SAFE_INTEGER);
    const step = LONG ? 1 : Math.max(1, Math.floor((2 * calls) / SHORT_ATTEMPTS));
    for (let nth = 1; nth <= calls; nth += step) await attempt(nth);
    expect(calls).toBeGreaterThan(20);
  }, 120_000);
});

const leftIn = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);

/** As the queue or the user would: as long as it is not accepted, once more. */
async function redeliver(here: Place, id: string, overwrite: boolean): Promise<void> {
  await accept(here, id, { trust_mode: 'legacy', overwrite });
}
