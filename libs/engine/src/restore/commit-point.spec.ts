import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError, type RestorePayload } from '@pawvault/contracts';
import { backUp, type BareInstance, bareInstance } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import type { EngineDeps } from '../engine';
import { restoreBackup, type RestoreOptions } from './restore-backup';

const CANCELLED = new DomainError('JOB_CANCELLED');

interface Bench {
  instance: BareInstance;
  engine: EngineDeps;
  restore(job: RecordedJob, options?: Partial<RestoreOptions>): ReturnType<typeof restoreBackup>;
}

/** An instance whose one file has changed since its backup. */
async function changedSinceBackup(): Promise<Bench> {
  const instance = bareInstance({ 'notes.md': 'old' });
  const engine = plainEngine(instance.directories);
  const { result } = await backUp(engine);
  writeFileSync(join(instance.workspace, 'notes.md'), 'new');
  const payload: RestorePayload = {
    backup_id: result.backup_id,
    mode: 'custom',
    agent_ids: ['a'],
    include_global_config: false,
    include_skill_pool: false,
    include_secrets: false,
    default_workspace_dir: null,
    preserve_local_protected_config: null,
    trust_mode: null,
    pre_restore_backup: null,
    plan_hash: null,
  };
  const restore: Bench['restore'] = (job, options = {}) =>
    restoreBackup(engine, payload, job, { quiesce: { kind: 'none' }, ...options });
  return { instance, engine, restore };
}

const notesOf = ({ instance }: Bench): string => readFileSync(join(instance.workspace, 'notes.md'), 'utf8');

it('a cancel before the commit leaves everything as it was', async () => {
  const bench = await changedSinceBackup();
  const job = new RecordedJob();
  job.afterReport = (_count, { phase }) => phase === 'staging' && job.abort.abort(CANCELLED);
  await expect(bench.restore(job)).rejects.toBe(CANCELLED);
  expect(notesOf(bench)).toBe('new');
});

it('a cancel behind the begin of the commit changes nothing: the restore completes', async () => {
  const bench = await changedSinceBackup();
  const job = new RecordedJob();
  const onStep = (): void => job.abort.abort(CANCELLED);
  await expect(bench.restore(job, { onStep })).resolves.toMatchObject({ replaced: ['a'] });
  expect(notesOf(bench)).toBe('old');
});

it('says that it is committing before the first target is exchanged', async () => {
  const bench = await changedSinceBackup();
  const job = new RecordedJob();
  const phases: (string | undefined)[] = [];
  await bench.restore(job, { onStep: () => void phases.push(job.progress.at(-1)?.phase) });
  expect(new Set(phases)).toEqual(new Set(['committing']));
  expect(job.progress.at(-1)).toMatchObject({ phase: 'finishing' });
});

it('a job that is delivered again restores nothing and answers the same, cancelled or not', async () => {
  const bench = await changedSinceBackup();
  const first = await bench.restore(new RecordedJob('twice'));
  writeFileSync(join(bench.instance.workspace, 'notes.md'), 'written since');
  const { ino } = statSync(bench.instance.workspace);
  const again = new RecordedJob('twice');
  await expect(bench.restore(again)).resolves.toEqual(first);
  again.abort.abort(CANCELLED);
  await expect(bench.restore(again)).resolves.toEqual(first);
  expect(notesOf(bench)).toBe('written since');
  expect(statSync(bench.instance.workspace).ino).toBe(ino);
});

it('a job that was cancelled before its delivery does not begin', async () => {
  const bench = await changedSinceBackup();
  const job = new RecordedJob();
  job.abort.abort(CANCELLED);
  await expect(bench.restore(job)).rejects.toBe(CANCELLED);
  expect(job.progress).toEqual([]);
  expect(notesOf(bench)).toBe('new');
});
