import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobView, RestorePayload } from '@pawvault/contracts';
import { type JobQueue, newJobId } from '@pawvault/queue';
import { openQuarantine, type Quarantine } from '@pawvault/store';
import { qwenpawFixture } from '@pawvault/testing';
import { Bench } from './spec-support/bench';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
}, 60_000);
afterEach(() => bench.close());

const RESTORE: Omit<RestorePayload, 'backup_id'> = {
  mode: 'custom',
  agent_ids: [],
  include_global_config: false,
  include_skill_pool: true,
  include_secrets: false,
  default_workspace_dir: null,
  preserve_local_protected_config: null,
  trust_mode: 'foreign',
  pre_restore_backup: null,
  plan_hash: null,
};

async function viewWhen(queue: JobQueue, id: string, condition: (view: JobView) => boolean): Promise<JobView> {
  for await (const view of queue.watch(id, AbortSignal.timeout(30_000))) if (condition(view)) return view;
  throw new Error(`never was as expected: ${JSON.stringify(await queue.get(id))}`);
}

const ended = (queue: JobQueue, id: string): Promise<JobView> =>
  viewWhen(queue, id, ({ finished_at }) => finished_at !== null);

/** The lock that every restore has to wait for. @returns what gives it back */
async function holdInstance(): Promise<() => void> {
  const { workingDir } = bench.instance.directories;
  const holder = spawn('flock', [join(workingDir, '.qwenpaw_restore.lock'), 'sh', '-c', 'echo locked; exec cat']);
  await once(holder.stdout, 'data');
  return () => void holder.stdin.end();
}

async function upload(quarantine: Quarantine): Promise<string> {
  const { id } = await quarantine.reserve({ fileName: null, trustMode: null });
  copyFileSync(qwenpawFixture('foreign-full.zip'), quarantine.archivePath(id));
  await quarantine.admit(id);
  return id;
}

it('an import does not overwrite a backup that is being restored since it was asked to', async () => {
  const { queue, instance } = bench;
  const { backupDir } = instance.directories;
  const quarantine = openQuarantine({ backupDir, clock: () => new Date() });
  await bench.worker().ready;
  const accept = async (id: string): Promise<JobView> => {
    const payload = { import_id: id, overwrite: true, trust_mode: 'foreign' } as const;
    const jobId = newJobId('import.accept');
    await quarantine.decide(id, jobId);
    await queue.add('import.accept', payload, { jobId });
    return ended(queue, jobId);
  };
  const check = async (id: string): Promise<JobView> =>
    ended(queue, (await queue.add('import.check', { import_id: id })).id);

  const first = await upload(quarantine);
  await check(first);
  const backup_id = (await accept(first)).backup_id ?? '';
  const path = join(backupDir, `${backup_id}.zip`);
  const before = readFileSync(path);
  const second = await upload(quarantine);
  expect(await check(second)).toMatchObject({ result: { state: 'needs_decision', conflict: { id: backup_id } } });

  const release = await holdInstance();
  const restore = await queue.add('backup.restore', { ...RESTORE, backup_id });
  await viewWhen(queue, restore.id, ({ state }) => state === 'running');
  expect(await accept(second)).toMatchObject({
    state: 'failed',
    error: { code: 'BACKUP_IN_USE', details: { id: backup_id, job_id: restore.id } },
  });
  expect(readFileSync(path)).toEqual(before);
  expect(await quarantine.get(second)).toMatchObject({ state: 'needs_decision' });

  release();
  expect(await ended(queue, restore.id)).toMatchObject({ state: 'completed' });
  expect(await accept(second)).toMatchObject({ state: 'completed', result: { state: 'accepted' } });
}, 120_000);
