import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PlannedPath, type RestorePayload, type RestorePlan, PLAN_LISTED_PATHS } from '@pawvault/contracts';
import { readPlanPaths } from '@pawvault/store';
import { failNthCall, sampleInstance, type SampleInstance, tempDir } from '@pawvault/testing';
import { createBackup } from '../create/create-backup';
import type { Engine } from '../engine';
import { fullPayload, RecordedJob, threadedEngine } from '../spec-support/engine-bench';
import { planBackupRestore } from './plan-backup-restore';
import { restoreBackup } from './restore-backup';

const FULL: Omit<RestorePayload, 'backup_id'> = {
  mode: 'full',
  agent_ids: [],
  include_global_config: false,
  include_skill_pool: false,
  include_secrets: false,
  default_workspace_dir: null,
  preserve_local_protected_config: null,
  trust_mode: null,
  pre_restore_backup: null,
  plan_hash: null,
};
const { signal } = new AbortController();

let sample: SampleInstance;
let engine: Engine;
let backup_id: string;
beforeEach(async () => {
  sample = sampleInstance(tempDir('lists'), { database: 'none' });
  engine = threadedEngine(sample.directories);
  ({ backup_id } = await createBackup(engine, fullPayload(), new RecordedJob()));
});
afterEach(() => sample.close());

const plan = (): Promise<RestorePlan> => planBackupRestore(engine, { ...FULL, backup_id }, { signal });
const restore = (job = new RecordedJob()) =>
  restoreBackup(engine, { ...FULL, backup_id }, job, { quiesce: { kind: 'none' } });
const live = (path: string): string => join(sample.directories.workingDir, path);
const lists = (): string => join(sample.directories.backupDir, '.pawvault', 'plans');

async function listed(planHash: string): Promise<PlannedPath[]> {
  const page = await readPlanPaths(sample.directories.backupDir, planHash, { limit: 1_000_000 });
  expect(page.next).toBeNull();
  return page.paths;
}

const textsOf = (paths: readonly PlannedPath[]): string[] =>
  paths.map(({ module, agent, path, change }) => [change, agent ?? module, path].join(' '));

function mutate(): void {
  appendFileSync(live('workspaces/default/AGENTS.md'), 'changed');
  rmSync(live('workspaces/a1B2c3/AGENTS.md'));
  writeFileSync(live('skill_pool/newer.md'), 'x');
  const config = JSON.parse(readFileSync(live('config.json'), 'utf8')) as object;
  writeFileSync(live('config.json'), JSON.stringify({ ...config, another: 1 }));
}

it('a plan names every path that changes, also of the settings, and counts them', async () => {
  await restore();
  mutate();
  const { paths, path_counts, modules, agents } = await plan();
  // What exclude rules leave out of backups is another matter.
  expect(textsOf(paths.filter(({ change }) => change !== 'carried'))).toEqual([
    'added a1B2c3 AGENTS.md',
    'changed default AGENTS.md',
    'changed global_config config.json',
    'removed skill_pool newer.md',
  ]);
  expect(path_counts).toMatchObject({ added: 1, changed: 2, removed: 1 });
  const parts = [...agents, ...modules].map(({ changes }) => changes);
  for (const change of ['added', 'changed', 'removed', 'carried'] as const)
    expect(parts.reduce((sum, changes) => sum + changes[change], 0)).toBe(path_counts[change]);
});

it('a plan lists the first paths, and its list has all of them', async () => {
  const many = PLAN_LISTED_PATHS + 234;
  mkdirSync(live('workspaces/default/many'));
  for (let n = 0; n < many; n += 1) writeFileSync(live(`workspaces/default/many/${n}`), '');
  const { plan_hash, paths, path_counts, warnings } = await plan();
  const all = await listed(plan_hash);
  expect(paths).toHaveLength(PLAN_LISTED_PATHS);
  expect(all.slice(0, PLAN_LISTED_PATHS)).toEqual(paths);
  expect(all.filter(({ path }) => path.startsWith('many/'))).toHaveLength(many);
  expect(all).toHaveLength(Object.values(path_counts).reduce((a, b) => a + b));
  expect(warnings.map(({ code }) => code)).not.toContain('PLAN_PATHS_NOT_KEPT');
});

it('a restore tells the plan that it carried out, and keeps its list', async () => {
  mutate();
  const planned = await plan();
  rmSync(lists(), { recursive: true });
  const result = await restore();
  expect(result).toMatchObject({ plan_hash: planned.plan_hash, path_counts: planned.path_counts });
  expect(await listed(planned.plan_hash)).toEqual(planned.paths);
  // An earlier delivery of the job has left its result; the one that comes again tells the same.
  expect(result.plan_hash).toMatch(/^[0-9a-f]{64}$/);
});

describe.each(['ENOSPC', 'EROFS', 'EACCES', 'EIO'])('when keeping the list fails with %s', (errno) => {
  const failing = () =>
    failNthCall(1, { under: sample.directories.backupDir, errno, lasting: 'onwards', only: isWrite });
  const isWrite = ({ name }: { name: string }): boolean => /mkdir|writeFile|rename/.test(name);

  it('the plan has the same hash, the first paths and a warning', async () => {
    mutate();
    const before = await plan();
    rmSync(lists(), { recursive: true });
    const injection = await failing();
    const { warnings, ...rest } = await plan().finally(() => injection.restore());
    expect({ ...rest, warnings: warnings.slice(0, -1) }).toEqual(before);
    const path = lists();
    expect(warnings.at(-1)).toMatchObject({ code: 'PLAN_PATHS_NOT_KEPT', details: { path, errno } });
    expect(injection.failed()).not.toBeNull();
  });
});

it('a restore goes on when its list cannot be kept, with a warning', async () => {
  mutate();
  mkdirSync(join(sample.directories.backupDir, '.pawvault'), { recursive: true });
  const elsewhere = tempDir('elsewhere');
  symlinkSync(elsewhere, lists());
  const job = new RecordedJob();
  const { path_counts } = await restore(job);
  expect(path_counts?.changed).toBe(2);
  expect(job.warnings.map(({ code }) => code)).toContain('PLAN_PATHS_NOT_KEPT');
  expect(readdirSync(elsewhere)).toEqual([]);
});
