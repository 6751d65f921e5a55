import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type CreatePayload, ERRORS, type JobView, type RestorePlanPayload } from '@pawvault/contracts';
import type { JobQueue } from '@pawvault/queue';
import { AuditLog } from '@pawvault/store';
import { KubernetesServer, readTree, tempDir } from '@pawvault/testing';
import { Bench, type WorkerProcess } from './spec-support/bench';

const JOURNAL = '.pawvault_restore_journal.json';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
}, 60_000);
afterEach(() => bench.close());

const fullBackup = (short_id: string): CreatePayload => ({
  name: 'Before the upgrade',
  description: '',
  scope: { include_agents: true, include_global_config: true, include_secrets: true, include_skill_pool: true },
  agents: 'all',
  created_at: '2026-04-20T09:30:00.000Z',
  short_id,
});

const selectionOf = ({ backup_id }: JobView, choice: Partial<RestorePlanPayload>): RestorePlanPayload => ({
  backup_id: backup_id ?? '',
  mode: 'full',
  agent_ids: [],
  include_global_config: false,
  include_skill_pool: false,
  include_secrets: false,
  default_workspace_dir: null,
  preserve_local_protected_config: null,
  trust_mode: null,
  ...choice,
});

async function ended(queue: JobQueue, id: string): Promise<JobView> {
  const view = await queue.waitFor(id, { timeoutMs: 60_000 });
  if (view.finished_at === null) throw new Error(`has not ended: ${JSON.stringify(view)}`);
  return view;
}

async function viewWhen(queue: JobQueue, id: string, condition: (view: JobView) => boolean): Promise<JobView> {
  for await (const view of queue.watch(id, AbortSignal.timeout(30_000))) if (condition(view)) return view;
  throw new Error(`never was as expected: ${JSON.stringify(await queue.get(id))}`);
}

/** Everything in the backup directory that a backup in the making leaves, should it leave something. */
async function leftovers(): Promise<string[]> {
  const names = await readdir(bench.instance.directories.backupDir, { recursive: true });
  return names.filter((name) => /\.tmp|work[/]./.test(name));
}

const isWriting = ({ state, progress }: JobView): boolean => state === 'running' && (progress?.bytes_done ?? 0) > 0;

it('makes, verifies and renames a backup, and answers about the instance', async () => {
  const { queue } = bench;
  const worker = bench.worker();
  const created = await ended(queue, (await queue.add('backup.create', fullBackup('00000001'))).id);
  expect(created).toMatchObject({ state: 'completed', backup_id: 'qwenpaw-1.1.9-20260420T093000Z-00000001' });
  const backup_id = created.backup_id ?? '';
  const verified = await ended(queue, (await queue.add('backup.verify', { backup_id })).id);
  expect(verified).toMatchObject({ state: 'completed', result: { state: 'ok', trust: 'valid', problem_count: 0 } });
  const renamed = await ended(queue, (await queue.add('backup.rename', { backup_id, name: '升级之前' })).id);
  expect(renamed).toMatchObject({ state: 'completed', result: { name: '升级之前' } });
  const instance = await queue.ask('instance.inspect', {}, { timeoutMs: 10_000 });
  const { backupDir } = bench.instance.directories;
  const { records } = await new AuditLog({ backupDir, clock: () => new Date() }).read({ before: null, limit: 10 });
  const ends = records.map(({ action, outcome, backup_id, job_id }) => [action, outcome, backup_id, job_id]);
  expect(ends.reverse()).toEqual([created, verified, renamed].map(({ id }) => ['job.end', 'done', backup_id, id]));
  expect(instance.agents.map(({ id }) => id)).toContain('QwenPaw_QA_Agent_0.2');
  expect(await leftovers()).toEqual([]);

  expect(await worker.logged('taking jobs')).toMatchObject({
    app: 'worker',
    instance_id: 'default',
    working_dir: bench.instance.directories.workingDir,
    threads: 1,
  });
  const line = { job_id: created.id, backup_id, job_type: 'backup.create' };
  expect(await worker.logged('job completed')).toMatchObject(line);
  expect(worker.output()).not.toContain(new URL(bench.redis.url).password);
}, 120_000);

it('a backup whose worker is killed is completed by the next one, and nothing of the first remains', async () => {
  const { queue } = bench;
  const first = bench.worker();
  const { id } = await queue.add('backup.create', fullBackup('00000002'));
  await viewWhen(queue, id, isWriting);
  first.child.kill('SIGKILL');
  await first.exited;
  bench.worker();
  const view = await ended(queue, id);
  expect(view).toMatchObject({ state: 'completed', backup_id: 'qwenpaw-1.1.9-20260420T093000Z-00000002' });
  expect(await leftovers()).toEqual([]);
  const verified = await ended(queue, (await queue.add('backup.verify', { backup_id: view.backup_id ?? '' })).id);
  expect(verified).toMatchObject({ result: { state: 'ok' } });
}, 120_000);

it('a backup whose worker is told to stop goes to the next one at once', async () => {
  const { queue } = bench;
  const first = bench.worker();
  const { id } = await queue.add('backup.create', fullBackup('00000003'));
  await viewWhen(queue, id, isWriting);
  first.child.kill('SIGTERM');
  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(await queue.get(id)).toMatchObject({ state: 'queued', error: null });
  expect(await queue.workerAlive()).toBe(false);
  expect(await leftovers()).toEqual([]);
  bench.worker();
  expect(await ended(queue, id)).toMatchObject({ state: 'completed' });
}, 120_000);

it('a backup that is cancelled ends within two seconds and leaves nothing', async () => {
  const { queue } = bench;
  bench.worker();
  const { id } = await queue.add('backup.create', fullBackup('00000004'));
  await viewWhen(queue, id, isWriting);
  await queue.cancel(id);
  expect(await queue.waitFor(id, { timeoutMs: 2000 })).toMatchObject({ state: 'cancelled' });
  expect(await leftovers()).toEqual([]);
}, 120_000);

it('cleans up after crashed runs before it takes the first job', async () => {
  const remains = join(bench.instance.directories.backupDir, '.pawvault', 'work', `e-1~${hostname()}~999999999`);
  await mkdir(remains, { recursive: true });
  const plans = join(bench.instance.directories.backupDir, '.pawvault', 'plans');
  await mkdir(plans);
  const list = join(plans, `${'ab'.repeat(32)}.ndjson`);
  await writeFile(list, '');
  await utimes(list, 1e9, 1e9);
  await writeFile(join(remains, 'archive.tmp'), 'half a backup');
  const worker = bench.worker();
  await worker.ready;
  expect(await leftovers()).toEqual([]);
  expect(await readdir(plans)).toEqual([]);
});

it('rolls back an interrupted restore before it takes the first job', async () => {
  const { workingDir } = bench.instance.directories;
  const before = readTree(join(workingDir, 'skill_pool'));
  const path = join(workingDir, 'skill_pool');
  // As versions before the seal wrote it.
  const [staged, aside] = ['new', 'old'].map((role) => join(workingDir, `.pawvault-restore-0011aaff-0-${role}`));
  await mkdir(staged ?? '');
  await writeFile(join(staged ?? '', 'half'), 'of a file');
  const target = { path, kind: 'sibling', staged, aside, existed: true, carry: [], attributes: null, made_parents: [] };
  const journal = { version: 1, id: '0011aaff', state: 'staging', targets: [target], note: { job_id: 'e-1' } };
  await writeFile(join(workingDir, JOURNAL), JSON.stringify(journal), { mode: 0o600 });
  const worker = bench.worker();
  await worker.ready;
  expect((await readdir(workingDir)).filter((name) => /journal|restore-/.test(name))).toEqual([]);
  expect(readTree(join(workingDir, 'skill_pool'))).toEqual(before);
  await worker.logged('taking jobs');
  const told = worker.logs().filter(({ context }) => context === undefined);
  expect(told.map(({ msg }) => msg)).toEqual(['recovered from an interrupted restore', 'taking jobs']);
  expect(await worker.logged('recovered from an interrupted restore')).toMatchObject({
    outcome: 'rolled-back',
    job_id: 'e-1',
  });
});

it.each<['RESTORE_JOURNAL_UNREADABLE' | 'RESTORE_JOURNAL_UNTRUSTED', string, number]>([
  ['RESTORE_JOURNAL_UNREADABLE', 'half a jour', 0o600],
  ['RESTORE_JOURNAL_UNTRUSTED', 'planted by another program', 0o666],
])(
  'refuses backups and restores because of a journal that is %s, and does everything else',
  async (code, text, mode) => {
    const { queue, instance } = bench;
    const worker = bench.worker();
    await worker.ready;
    const created = await ended(queue, (await queue.add('backup.create', fullBackup('00000005'))).id);
    const path = join(instance.directories.workingDir, JOURNAL);
    await writeFile(path, text);
    await chmod(path, mode);
    const restarted = bench.worker();
    await restarted.ready;
    expect(await restarted.logged(`${ERRORS[code].title}; backups and restores are refused`)).toMatchObject({
      level: 50,
      code,
      details: { path },
    });
    const selection = selectionOf(created, { mode: 'custom', include_skill_pool: true });
    const rest = { pre_restore_backup: null, plan_hash: null };
    for (const job of [
      await queue.add('backup.create', fullBackup('00000015')),
      await queue.add('backup.restore', { ...selection, ...rest }),
    ])
      expect(await ended(queue, job.id)).toMatchObject({ state: 'failed', error: { code, details: { path } } });
    const verified = await queue.add('backup.verify', { backup_id: created.backup_id ?? '' });
    expect(await ended(queue, verified.id)).toMatchObject({ state: 'completed' });
    expect(await readFile(path, 'utf8')).toBe(text);
  },
);

it('restores what it has backed up, and plans it first', async () => {
  const { queue, instance } = bench;
  bench.worker();
  const created = await ended(queue, (await queue.add('backup.create', fullBackup('00000006'))).id);
  const pool = join(instance.directories.workingDir, 'skill_pool');
  const before = readTree(pool);
  await rm(pool, { recursive: true });
  const selection = selectionOf(created, { mode: 'custom', include_skill_pool: true });
  const plan = await queue.ask('restore.plan', selection, { timeoutMs: 10_000 });
  expect(plan.modules).toMatchObject([{ module: 'skill_pool', action: 'add' }]);
  const payload = { ...selection, pre_restore_backup: null, plan_hash: plan.plan_hash };
  const restored = await ended(queue, (await queue.add('backup.restore', payload)).id);
  expect(restored).toMatchObject({ state: 'completed', result: { added: ['skill_pool'], replaced: [] } });
  expect(readTree(pool)).toEqual(before);
}, 120_000);

it('brings QwenPaw to rest and wakes it, but not for a restore that is refused', async () => {
  const { queue, instance } = bench;
  const said = join(instance.directories.workingDir, '..', 'said');
  bench.worker({
    PAWVAULT_QUIESCE_COMMAND_BEFORE: `echo rest >> '${said}'`,
    PAWVAULT_QUIESCE_COMMAND_AFTER: `echo wake >> '${said}'`,
  });
  const created = await ended(queue, (await queue.add('backup.create', fullBackup('00000007'))).id);
  const payload = { ...selectionOf(created, { mode: 'full' }), pre_restore_backup: null, plan_hash: null };
  const drifted = await ended(queue, (await queue.add('backup.restore', { ...payload, plan_hash: '0'.repeat(64) })).id);
  expect(drifted).toMatchObject({ state: 'failed', error: { code: 'RESTORE_PLAN_DRIFTED' } });
  expect(existsSync(said)).toBe(false);
  expect(await ended(queue, (await queue.add('backup.restore', payload)).id)).toMatchObject({ state: 'completed' });
  expect(await readFile(said, 'utf8')).toBe('rest\nwake\n');
}, 120_000);

it('a worker that dies while QwenPaw is scaled to zero leaves it asleep for nobody', async () => {
  const { queue } = bench;
  const kubernetes = await KubernetesServer.open(tempDir('kubernetes'));
  try {
    const env = {
      PAWVAULT_QUIESCE_KUBERNETES: 'deployment/qwenpaw',
      PAWVAULT_QUIESCE_KUBERNETES_URL: kubernetes.apiUrl,
      PAWVAULT_QUIESCE_KUBERNETES_CREDENTIALS: kubernetes.credentialsDir,
    };
    const first = bench.worker(env);
    const created = await ended(queue, (await queue.add('backup.create', fullBackup('00000008'))).id);
    kubernetes.obedient = false;
    const payload = { ...selectionOf(created, { mode: 'full' }), pre_restore_backup: null, plan_hash: null };
    const { id } = await queue.add('backup.restore', payload);
    await kubernetes.scaledTo(0);
    first.child.kill('SIGKILL');
    await first.exited;
    kubernetes.obedient = true;
    bench.worker(env);
    await kubernetes.scaledTo(3);
    const warnings = [expect.objectContaining({ code: 'WORKSPACE_NOT_IN_BACKUP' })];
    expect(await ended(queue, id)).toMatchObject({ state: 'completed', warnings });
    expect(kubernetes.replicas).toBe(3);
    expect(kubernetes.requests.filter((request) => request.startsWith('PATCH'))).toHaveLength(4);
  } finally {
    await kubernetes.close();
  }
}, 120_000);

it('waits with its first job until the restore of another worker has ended', async () => {
  const { workingDir } = bench.instance.directories;
  const holder = spawn('flock', [join(workingDir, '.qwenpaw_restore.lock'), 'sh', '-c', 'echo locked; exec cat']);
  await once(holder.stdout, 'data');
  const journal = { version: 1, id: '0011aaff', state: 'staging', targets: [], note: { job_id: 'e-1' } };
  await writeFile(join(workingDir, JOURNAL), JSON.stringify(journal));
  const worker = bench.worker();
  const waiting = 'another restore holds the instance; no job is taken until it has ended';
  expect(await worker.logged(waiting)).toMatchObject({ level: 30 });
  holder.stdin.end();
  await worker.ready;
}, 60_000);

describe('told to end', () => {
  /** Its grace for jobs and what closing may take on top, with a margin. */
  const IN_TIME_MS = 12_000;

  async function endsWell(worker: WorkerProcess): Promise<void> {
    const start = performance.now();
    worker.child.kill('SIGTERM');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - start).toBeLessThan(IN_TIME_MS);
    expect(worker.logs().filter(({ level }) => Number(level) >= 50)).toEqual([]);
  }

  it('while it waits for the restore of another worker', async () => {
    const { workingDir } = bench.instance.directories;
    const holder = spawn('flock', [join(workingDir, '.qwenpaw_restore.lock'), 'sh', '-c', 'echo locked; exec cat']);
    await once(holder.stdout, 'data');
    const journal = { version: 1, id: '0011aaff', state: 'staging', targets: [], note: { job_id: 'e-1' } };
    await writeFile(join(workingDir, JOURNAL), JSON.stringify(journal));
    const worker = bench.worker();
    await worker.logged('another restore holds the instance; no job is taken until it has ended');
    await endsWell(worker);
    holder.stdin.end();
  });

  it('while it has not yet found Redis', async () => {
    const worker = bench.worker({ REDIS_URL: 'redis://127.0.0.1:1' });
    await worker.logged('the queue cannot be reached; waiting for it');
    await endsWell(worker);
  });

  it('while Redis is away and a backup is being made, it leaves nothing of that', async () => {
    const { queue, redis } = bench;
    const worker = bench.worker();
    const { id } = await queue.add('backup.create', fullBackup('00000009'));
    await viewWhen(queue, id, isWriting);
    await redis.stop();
    await worker.logged('the queue cannot be reached; waiting for it');
    await endsWell(worker);
    expect(await leftovers()).toEqual([]);
  });
});

it('ends with the process that started it', async () => {
  const worker = bench.worker();
  await worker.ready;
  worker.child.disconnect();
  expect(await worker.exited).toEqual({ code: 0, signal: null });
});

it('tells an orchestrator how it is, where a port is configured', async () => {
  const worker = bench.worker({ PAWVAULT_WORKER_PORT: '0' });
  const health = String((await worker.logged('taking jobs'))['health']);
  expect(health).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const statusOf = async (path: string): Promise<number> => (await fetch(health + path)).status;
  expect(await statusOf('/health/live')).toBe(200);
  expect(await statusOf('/health/ready')).toBe(200);
  expect(await statusOf('/')).toBe(404);
  const metrics = await (await fetch(`${health}/metrics`)).text();
  expect(metrics).toMatch(/^# TYPE pawvault_jobs_total counter$/m);
  expect(metrics).toMatch(/^process_resident_memory_bytes \d+$/m);
  await bench.redis.stop();
  const until = AbortSignal.timeout(5000);
  while ((await statusOf('/health/ready')) === 200) until.throwIfAborted();
  expect(await statusOf('/health/live')).toBe(200);
});

it.each([
  ['no Redis', { REDIS_URL: '' }, 'CONFIG_INVALID'],
  ['a value that is not valid', { PAWVAULT_THREADS: 'lots-of-them' }, 'CONFIG_INVALID'],
])('says what is wrong with %s, and ends', async (_case, env, code) => {
  const worker = bench.worker(env);
  expect(await worker.exited).toEqual({ code: 1, signal: null });
  expect(worker.logs()).toEqual([expect.objectContaining({ level: 60, code })]);
  expect(worker.output()).not.toContain('lots-of-them');
});
