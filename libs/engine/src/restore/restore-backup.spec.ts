import { rmSync, writeFileSync, appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '@pawvault/archive';
import { FULL_SCOPE, type JobWarning, type RestorePayload } from '@pawvault/contracts';
import { readTree, sampleInstance, type SampleInstance, tempDir, type TreeSnapshot } from '@pawvault/testing';
import { createBackup } from '../create/create-backup';
import { createEngine, type Engine } from '../engine';
import { restoreBackup } from './restore-backup';

interface Bench {
  sample: SampleInstance;
  engine: Engine;
  warnings: JobWarning[];
  backup(shortId: string): Promise<string>;
  restore(payload: Partial<RestorePayload> & { backup_id: string }, jobId?: string): ReturnType<typeof restoreBackup>;
}

const context = (jobId: string, warnings: JobWarning[]) => ({
  jobId,
  signal: new AbortController().signal,
  onProgress: () => undefined,
  warn: (warning: JobWarning) => void warnings.push(warning),
});

function openBench(): Bench {
  const sample = sampleInstance(tempDir('restore'), { database: 'none' });
  const engine = createEngine({
    instanceId: 'default',
    directories: sample.directories,
    limits: DEFAULT_LIMITS,
    exclude: { useDefaults: true, rules: [] },
    threads: 2,
    qwenpawVersion: '1.1.9',
    qwenpawApiUrl: null,
  });
  const warnings: JobWarning[] = [];
  const blank = {
    mode: 'full' as const,
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
  return {
    sample,
    engine,
    warnings,
    async backup(shortId) {
      const payload = {
        name: 'b',
        description: '',
        scope: FULL_SCOPE,
        agents: 'all' as const,
        created_at: '2026-11-23T06:00:00.000Z',
        short_id: shortId,
      };
      return (await createBackup(engine, payload, context(`create-${shortId}`, warnings))).backup_id;
    },
    restore: (payload, jobId = 'restore-1') =>
      restoreBackup(engine, { ...blank, ...payload }, context(jobId, warnings), { quiesce: { kind: 'none' } }),
  };
}

/** Everything that a full backup takes, as it lies on the disk; what exclude rules leave out is not part of it. */
function instanceTree({ sample }: Bench): TreeSnapshot {
  const root = join(sample.directories.workingDir, '..');
  const ours = Object.entries(readTree(root)).filter(
    ([path]) => !/working\.backups|\.qwenpaw_restore\.lock/.test(path),
  );
  return Object.fromEntries(ours.map(([path, node]) => [path, node]));
}

let bench: Bench;
beforeEach(() => {
  bench = openBench();
});
afterEach(async () => {
  bench.sample.close();
  await bench.engine.close();
});

it('brings back every module exactly, after everything was changed', async () => {
  const first = await bench.backup('aaaaaaaa');
  await bench.restore({ backup_id: first });
  const before = instanceTree(bench);
  const { workingDir, secretDir } = bench.sample.directories;
  rmSync(join(workingDir, 'workspaces/default'), { recursive: true });
  appendFileSync(join(workingDir, 'workspaces/a1B2c3/AGENTS.md'), 'changed');
  writeFileSync(join(secretDir, '.master_key'), 'another');
  mkdirSync(join(workingDir, 'skill_pool/new'));
  writeFileSync(join(workingDir, 'skill_pool/new/file'), 'x');
  const result = await bench.restore({ backup_id: first }, 'restore-2');
  const after = instanceTree(bench);
  const differing = Object.keys({ ...before, ...after }).filter(
    (path) => JSON.stringify(before[path]) !== JSON.stringify(after[path]),
  );
  expect(differing.filter((path) => !['working', 'working/workspaces', '.', 'elsewhere'].includes(path))).toEqual([]);
  expect(result).toMatchObject({ mode: 'full', skipped: [], restart_required: true });
  expect(result.saved_master_key).toContain('_pre_restore_keys');
});
