import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RestorePayload, RestorePlan, RestoreResult } from '@pawvault/contracts';
import { acquireFileLock } from '@pawvault/durable-fs';
import {
  failNthCall,
  type FsCall,
  qwenpawFixture,
  type QwenpawFixture,
  readTree,
  sampleInstance,
  type SampleInstance,
  tempDir,
  type TreeSnapshot,
} from '@pawvault/testing';
import { createBackup } from '../create/create-backup';
import type { Engine } from '../engine';
import { fullPayload, RecordedJob, threadedEngine } from '../spec-support/engine-bench';
import { RestoreScene } from '../spec-support/restore-scene';
import { verifyBackup } from '../verify/verify-backup';
import { planBackupRestore } from './plan-backup-restore';
import { recoverInstance } from './recover-instance';
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
const CUSTOM = { ...FULL, mode: 'custom' as const };
const { signal } = new AbortController();

interface Bench {
  sample: SampleInstance;
  engine: Engine;
  backup(): Promise<string>;
  restore(payload: Partial<RestorePayload> & { backup_id: string }, job?: RecordedJob): Promise<RestoreResult>;
  /** What full backups take: without the times of the directories around the targets. */
  tree(): TreeSnapshot;
}

function openBench(): Bench {
  const sample = sampleInstance(tempDir('restore'), { database: 'none', mediaBytes: 2_000_000 });
  const engine = threadedEngine(sample.directories);
  const root = join(sample.directories.workingDir, '..');
  const around = /^(\.|working|working\/workspaces|elsewhere)$|working\.backups|\.qwenpaw_restore\.lock/;
  return {
    sample,
    engine,
    backup: async () => (await createBackup(engine, fullPayload(), new RecordedJob())).backup_id,
    restore: (payload, job = new RecordedJob()) =>
      restoreBackup(engine, { ...FULL, ...payload }, job, { quiesce: { kind: 'none' } }),
    tree: () => Object.fromEntries(Object.entries(readTree(root)).filter(([path]) => !around.test(path))),
  };
}

/** Changes something in every module, destroys an agent, and adds what was not there. */
function mutate({ sample }: Bench): void {
  const { workingDir, secretDir } = sample.directories;
  rmSync(join(workingDir, 'workspaces/default'), { recursive: true });
  appendFileSync(join(workingDir, 'workspaces/a1B2c3/AGENTS.md'), 'changed');
  writeFileSync(join(secretDir, '.master_key'), 'another');
  mkdirSync(join(workingDir, 'skill_pool/new'));
  writeFileSync(join(workingDir, 'skill_pool/new/file'), 'x');
}

let bench: Bench;
beforeEach(() => (bench = openBench()));
afterEach(() => bench.sample.close());

it('brings back every module exactly, after everything was changed', async () => {
  const backup_id = await bench.backup();
  // What exclude rules leave out of the backup would be gone with the destroyed agent.
  await bench.restore({ backup_id, clean: true });
  const before = bench.tree();
  mutate(bench);
  const result = await bench.restore({ backup_id });
  expect(bench.tree()).toEqual(before);
  expect(result).toMatchObject({ mode: 'full', skipped: [], restart_required: true });
  expect(readFileSync(result.saved_master_key ?? '', 'utf8')).toBe('another');
});

it('brings back every module into an instance of which nothing is left', async () => {
  const backup_id = await bench.backup();
  await bench.restore({ backup_id, clean: true });
  const { workingDir, secretDir } = bench.sample.directories;
  const agents = ['default', 'a1B2c3', 'QwenPaw_QA_Agent_0.2'].map((id) => join(workingDir, 'workspaces', id));
  const parts = [...agents, join(workingDir, 'skill_pool'), secretDir];
  const trees = (): TreeSnapshot[] => parts.map((part) => readTree(part));
  const before = trees();
  for (const root of [workingDir, secretDir, join(workingDir, '../elsewhere')]) rmSync(root, { recursive: true });
  mkdirSync(workingDir);
  const result = await bench.restore({ backup_id });
  expect(trees()).toEqual(before);
  expect(result).toMatchObject({ mode: 'full', skipped: [], replaced: [] });
});

it('is undone by restoring the backup that it made first', async () => {
  const backup_id = await bench.backup();
  await bench.restore({ backup_id });
  mutate(bench);
  const mutated = bench.tree();
  const pre_restore_backup = { created_at: '2026-11-23T08:00:00Z', short_id: '0badcafe' };
  const { pre_restore_backup_id } = await bench.restore({ backup_id, pre_restore_backup });
  expect(bench.tree()).not.toEqual(mutated);
  await bench.restore({ backup_id: pre_restore_backup_id ?? '' });
  const undone = bench.tree();
  const differing = Object.keys({ ...mutated, ...undone }).filter(
    (path) => JSON.stringify(mutated[path]) !== JSON.stringify(undone[path]),
  );
  // A workspace that was missing is not brought into being, nor taken away: the directory of an agent that a backup lacks stays.
  expect(differing.filter((path) => !path.startsWith('working/workspaces/default'))).toEqual([]);
});

it('leaves everything else byte for byte as it is when only one agent is restored', async () => {
  const backup_id = await bench.backup();
  mutate(bench);
  const mutated = bench.tree();
  const result = await bench.restore({ ...CUSTOM, backup_id, agent_ids: ['a1B2c3'] });
  const after = bench.tree();
  const differing = Object.keys({ ...mutated, ...after }).filter(
    (path) => JSON.stringify(mutated[path]) !== JSON.stringify(after[path]),
  );
  expect(differing.every((path) => path.startsWith('working/workspaces/a1B2c3'))).toBe(true);
  expect(differing).toContain('working/workspaces/a1B2c3/AGENTS.md');
  expect(result).toMatchObject({ replaced: ['a1B2c3'], added: [], restart_required: false });
});

it('refuses what has drifted while it waited for the instance', async () => {
  const backup_id = await bench.backup();
  mutate(bench);
  const { plan_hash } = await planBackupRestore(bench.engine, { ...FULL, backup_id }, { signal });
  const { workingDir } = bench.sample.directories;
  const lock = await acquireFileLock(join(workingDir, '.qwenpaw_restore.lock'), { timeoutMs: 1000, signal });
  const restoring = bench.restore({ backup_id, plan_hash });
  const refused = expect(restoring).rejects.toMatchObject({ code: 'RESTORE_PLAN_DRIFTED' });
  appendFileSync(join(workingDir, 'workspaces/a1B2c3/AGENTS.md'), 'and again');
  const before = bench.tree();
  await lock.release();
  await refused;
  expect(bench.tree()).toEqual(before);
});

it('carries out exactly the plan that carries its hash, and refuses when the instance has drifted', async () => {
  const backup_id = await bench.backup();
  mutate(bench);
  const plan = await planBackupRestore(bench.engine, { ...FULL, backup_id }, { signal });
  appendFileSync(join(bench.sample.directories.workingDir, 'workspaces/a1B2c3/AGENTS.md'), 'and again');
  const before = bench.tree();
  await expect(bench.restore({ backup_id, plan_hash: plan.plan_hash })).rejects.toMatchObject({
    code: 'RESTORE_PLAN_DRIFTED',
  });
  expect(bench.tree()).toEqual(before);
  const again = await planBackupRestore(bench.engine, { ...FULL, backup_id }, { signal });
  const result = await bench.restore({ backup_id, plan_hash: again.plan_hash });
  expect(result.replaced.sort()).toEqual(named(again, 'replace'));
  expect(result.added.sort()).toEqual(named(again, 'add'));
});

const named = ({ agents, modules }: RestorePlan, action: string): string[] =>
  [...agents.map((agent) => [agent.id, agent.action]), ...modules.map((module) => [module.module, module.action])]
    .filter(([, planned]) => planned === action)
    .map(([name = '']) => name)
    .sort();

describe("archives of QwenPaw's own", () => {
  const place = (name: QwenpawFixture, withKey: boolean): void => {
    const { backupDir } = bench.sample.directories;
    mkdirSync(backupDir, { recursive: true, mode: 0o700 });
    cpSync(qwenpawFixture(name), join(backupDir, name));
    if (withKey) cpSync(qwenpawFixture('signing_key'), join(backupDir, '.signing_key'));
  };
  const idOf = async (): Promise<string> => (await bench.engine.store.list()).backups[0]?.id ?? '';

  it.each(['native-full.zip', 'native-trusted.zip'] as const)('%s is restored with its own key', async (name) => {
    place(name, true);
    const result = await bench.restore({ backup_id: await idOf() });
    expect(result.replaced).toEqual(expect.arrayContaining(['default', 'global_config', 'skill_pool', 'secrets']));
  });

  it.each([
    ['legacy-unsigned.zip', 'backup_legacy_unsigned', 'legacy'],
    ['foreign-full.zip', 'backup_signature_mismatch', 'foreign'],
  ] as const)('%s asks for trust, and is signed anew once it has it', async (name, code, trust_mode) => {
    place(name, true);
    const backup_id = await idOf();
    const before = bench.tree();
    await expect(bench.restore({ backup_id })).rejects.toMatchObject({ code });
    expect(bench.tree()).toEqual(before);
    const result = await bench.restore({ backup_id, trust_mode });
    expect(result.preserved_local_keys).toEqual(expect.any(Array));
    const verified = await verifyBackup(bench.engine, { backup_id }, new RecordedJob());
    expect(verified).toMatchObject({ state: 'ok', trust: 'valid' });
    expect((await bench.engine.store.find(backup_id)).meta.accepted_via_trust).toBe(true);
  });
});

it('gives up with a clear code while QwenPaw, or another restore, holds the instance', async () => {
  const backup_id = await bench.backup();
  const lock = join(bench.sample.directories.workingDir, '.qwenpaw_restore.lock');
  const holder = spawn('flock', ['--exclusive', lock, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await once(holder.stdout, 'data');
  const before = bench.tree();
  const restoring = restoreBackup(bench.engine, { ...FULL, backup_id }, new RecordedJob(), {
    quiesce: { kind: 'none' },
    lockMs: 300,
  });
  await expect(restoring).rejects.toMatchObject({ code: 'restore_target_busy' });
  expect(bench.tree()).toEqual(before);
  holder.stdin.end();
});

it('is not disturbed by a predecessor that was frozen and wakes up late', async () => {
  const scene = new RestoreScene();
  await scene.prepare();
  scene.reset();
  const program = join(__dirname, '../spec-support/restore-child.ts');
  const register = resolve(__dirname, '../../../../tools/ts-register.cjs');
  const args = [JSON.stringify(scene.directories), JSON.stringify(scene.payload()), 'frozen', '-1'];
  const frozen = spawn(process.execPath, ['-r', register, program, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(frozen, 'exit');
  // With -1 the child says before which step it is, and stops itself there.
  for await (const chunk of frozen.stdout) if (String(chunk).includes('stopping')) break;
  const engine = threadedEngine(scene.directories);
  await expect(recoverInstance(engine, signal, { lockMs: 300 })).rejects.toMatchObject({ code: 'restore_target_busy' });
  frozen.kill('SIGCONT');
  await ended;
  await recoverInstance(engine, signal);
  const after = scene.content();
  await restoreBackup(engine, scene.payload(), new RecordedJob('frozen'), { quiesce: { kind: 'none' } });
  expect(scene.content()).toEqual(after);
  scene.close();
}, 60_000);

it('a directory that has to stay gets the time and mode of the saved one all the same', async () => {
  const scene = new RestoreScene();
  await scene.prepare();
  scene.reset();
  const engine = threadedEngine(scene.directories);
  const workspace = join(scene.root, 'working/workspaces/default');
  await restoreBackup(engine, scene.payload(), new RecordedJob('moved'), { quiesce: { kind: 'none' } });
  const moved = scene.content();
  for (const errno of ['EBUSY', 'EXDEV']) {
    scene.reset();
    chmodSync(workspace, 0o711);
    const only = ({ name, target }: FsCall): boolean => name === 'promises.rename' && target === workspace;
    const stuck = await failNthCall(1, { under: scene.root, errno, lasting: 'onwards', only });
    await restoreBackup(engine, scene.payload(), new RecordedJob(errno), { quiesce: { kind: 'none' } });
    stuck.restore();
    expect(stuck.failed()).not.toBeNull();
    expect(scene.content()).toEqual(moved);
  }
  scene.close();
});
