import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JobView, RestorePlan } from '@pawvault/contracts';
import { archivesIn, unfinishedIn } from './spec-support/backup-dir';
import {
  journalOf,
  remainsIn,
  restorableInstance,
  type RestorableInstance,
  stagedIn,
  stateOf,
  wreck,
} from './spec-support/restorable-instance';
import { type Stack, startStack } from './spec-support/stack';
import { until } from './spec-support/until';

/** The worker is taken for dead after 10 s without a sign; others look for its jobs every 5 s, twice. */
const TAKEOVER_MS = 45_000;

async function backUp(stack: Stack): Promise<string> {
  const { result } = await stack.ended(await stack.startBackup());
  if (result === null) throw new Error('There is no backup');
  return result.backup_id;
}

const planOf = (stack: Stack, id: string, body: object = { mode: 'full' }): Promise<RestorePlan> =>
  stack.client.post(`/api/v1/backups/${id}/restore-plan`, body);

const startRestore = (stack: Stack, id: string, body: object): Promise<JobView<'backup.restore'>> =>
  stack.client.post(`/api/v1/backups/${id}/restores`, { confirm: true, ...body });

/** @param warnings codes of what the plan of this restore warns of */
async function restored(
  stack: Stack,
  { id, body, warnings = [] }: { id: string; body: object; warnings?: string[] },
): Promise<JobView<'backup.restore'>> {
  const job = await stack.ended(await startRestore(stack, id, body));
  expect(job).toMatchObject({ state: 'completed', error: null });
  expect(job.warnings.map(({ code }) => code)).toEqual(warnings);
  return job;
}

function expectNothingLeft(place: RestorableInstance): void {
  expect(remainsIn(place)).toEqual([]);
  expect(unfinishedIn(place.backupDir)).toEqual([]);
}

/** Waits, without a pause, until a running restore has staged some files. @throws when it has ended before that was seen */
async function someAreStaged(place: RestorableInstance): Promise<void> {
  const deadline = performance.now() + 30_000;
  const staged = (): number =>
    stagedIn(place)
      .map((path) => join(path, 'new', 'memory'))
      .map((path) => (existsSync(path) ? readdirSync(path).length : 0))
      .reduce((sum, count) => sum + count, 0);
  while (staged() < 100) {
    if (performance.now() > deadline) throw new Error('No restore was seen in the middle of staging');
    await nextTurn();
  }
}

describe('a restore', () => {
  it('does what its plan says, brings everything back, and is undone by the backup made first', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const id = await backUp(stack);
    const sound = stateOf(place);
    wreck(place);
    const wrecked = stateOf(place);

    const plan = await planOf(stack, id);
    expect(plan.agents.map(({ id: agent, action }) => [agent, action])).toEqual([
      ['default', 'replace'],
      ['writer', 'replace'],
    ]);
    expect(plan).toMatchObject({
      left_behind: [{ id: 'newcomer' }],
      replaces_master_key: true,
      restart_required: true,
    });
    expect(stateOf(place)).toEqual(wrecked);

    const { result } = await restored(stack, { id, body: { mode: 'full', plan_hash: plan.plan_hash } });
    const { newcomer, working } = withoutNewcomer(stateOf(place).working);
    expect({ ...stateOf(place), working }).toEqual(sound);
    expect(newcomer).toEqual(withoutNewcomer(wrecked.working).newcomer);
    expect(result).toMatchObject({
      replaced: expect.arrayContaining(['default', 'secrets']),
      left_behind: plan.left_behind,
    });
    expect(archivesIn(place.backupDir).sort()).toEqual([`${id}.zip`, `${result?.pre_restore_backup_id}.zip`].sort());

    // The directory of the agent that had left the registry is still there.
    await restored(stack, {
      id: result?.pre_restore_backup_id ?? '',
      body: { mode: 'full', pre_restore_backup: false },
      warnings: ['DESTINATION_OCCUPIED'],
    });
    expect(stateOf(place)).toEqual(wrecked);
    expectNothingLeft(place);
  }, 90_000);

  it('of a part leaves everything else as it is', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const id = await backUp(stack);
    const sound = stateOf(place);
    wreck(place);
    const wrecked = stateOf(place);
    const body = { mode: 'custom', include_skill_pool: true, pre_restore_backup: false };
    await restored(stack, { id, body });
    const isPool = ([path]: [string, unknown]): boolean => path.startsWith('skill_pool');
    expect(stateOf(place)).toEqual({
      ...wrecked,
      working: Object.fromEntries([
        ...Object.entries(wrecked.working).filter((entry) => !isPool(entry)),
        ...Object.entries(sound.working).filter(isPool),
      ]),
    });
    expectNothingLeft(place);
  }, 60_000);

  it('is refused when the instance is not what the plan was made for, and changes nothing', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const id = await backUp(stack);
    wreck(place);
    const { plan_hash } = await planOf(stack, id);
    writeFileSync(join(place.workspace, 'memory/written-since.md'), 'new');
    const before = stateOf(place);
    const job = await stack.ended(await startRestore(stack, id, { mode: 'full', plan_hash }));
    expect(job).toMatchObject({ state: 'failed', result: null, error: { code: 'RESTORE_PLAN_DRIFTED' } });
    expect(stateOf(place)).toEqual(before);
    expect(archivesIn(place.backupDir)).toEqual([`${id}.zip`]);
    expectNothingLeft(place);
  }, 60_000);

  it('whose worker is killed while it stages is rolled back at the next start, and then done once', async () => {
    const place = restorableInstance({ notes: 4000 });
    const stack = await startStack(place);
    const id = await backUp(stack);
    const sound = stateOf(place);
    wreck(place);
    const wrecked = stateOf(place);
    const { plan_hash } = await planOf(stack, id);

    const worker = stack.processOf('worker');
    const job = await startRestore(stack, id, { mode: 'full', plan_hash });
    await someAreStaged(place);
    process.kill(worker.pid, 'SIGKILL');
    expect(existsSync(journalOf(place))).toBe(true);
    await until('the next worker has cleaned up', () => stagedIn(place).length === 0);
    expect(stateOf(place)).toEqual(wrecked);

    const done = await stack.ended(job, TAKEOVER_MS);
    expect(done).toMatchObject({ state: 'completed', error: null });
    const { working } = withoutNewcomer(stateOf(place).working);
    expect({ ...stateOf(place), working }).toEqual(sound);
    expect(archivesIn(place.backupDir)).toHaveLength(2);
    expectNothingLeft(place);
  }, 120_000);
});

/** A full restore takes agents out of the registry whose directories stay. */
function withoutNewcomer<T>(tree: Record<string, T>): { newcomer: Record<string, T>; working: Record<string, T> } {
  const isNewcomer = ([path]: [string, T]): boolean => path.startsWith('workspaces/newcomer');
  const entries = Object.entries(tree);
  return {
    newcomer: Object.fromEntries(entries.filter(isNewcomer)),
    working: Object.fromEntries(entries.filter((entry) => !isNewcomer(entry))),
  };
}
