import { JOB_TYPES, type JobType, type JobView } from '@pawvault/contracts';
import { archivesIn } from './spec-support/backup-dir';
import { stateOf } from './spec-support/restorable-instance';
import { type Work, WORKS } from './spec-support/termination-moments';
import { TerminationScene } from './spec-support/termination-scene';
import type { WorkerProcess } from './spec-support/worker-process';

const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
/** Of the calls that a job makes, beside those that begin a phase. */
const EVERY = 12;
/** An orchestrator gives two minutes, npm start 15 s. */
const GRACE_MS = 10_000;

let scene: TerminationScene;
beforeAll(async () => {
  scene = await TerminationScene.open();
}, 60_000);
beforeEach(() => scene.reset());
afterAll(() => scene.close());

/** Ends by itself, in time and without an error, and has told the queue and the disk that it is gone. */
async function expectGoodEnd({ exited, output }: WorkerProcess): Promise<void> {
  expect({ ...(await exited), said: output() }).toMatchObject({ code: 0, signal: null });
  expect(Date.now() - (scene.sent()?.at ?? 0)).toBeLessThan(GRACE_MS);
  expect(output()).not.toMatch(/"level":[56]0/);
  expect(await scene.queue.workerAlive()).toBe(false);
  expect(scene.left()).toEqual([]);
}

/** Between two workers the instance is the old one or the new one, and a job that has not ended waits. */
async function expectNoHalves(type: JobType, { id }: JobView): Promise<void> {
  const { state, error } = await scene.queue.get(id);
  expect({ state, error }).toEqual({ state: expect.stringMatching(/^(queued|completed)$/), error: null });
  const both = [scene.before, scene.after];
  const possible = type === 'backup.restore' ? (state === 'completed' ? [scene.after] : both) : [scene.before];
  expect(possible).toContainEqual(stateOf(scene.place));
}

/** What the next worker makes of it is what an undisturbed one would have made. */
async function expectSoundEnd(type: JobType, job: JobView): Promise<void> {
  const { result, backups } = WORKS[type];
  expect(await scene.ended(job)).toMatchObject({ state: 'completed', error: null, result });
  expect(stateOf(scene.place)).toEqual(type === 'backup.restore' ? scene.after : scene.before);
  expect(archivesIn(scene.place.backupDir).sort()).toEqual(backups.map((id) => `${id}.zip`).sort());
  for (const backup_id of backups) {
    const verified = await scene.run('backup.verify', { backup_id });
    expect(verified).toMatchObject({ result: { state: 'ok', trust: 'valid', problem_count: 0 } });
  }
  expect(scene.left()).toEqual([]);
  expect(scene.said().at(-1) ?? 'wake').toBe('wake');
}

/** @returns false when the job was through before the moment came */
async function terminate(type: JobType, start: (scene: TerminationScene) => WorkerProcess): Promise<boolean> {
  const job = await WORKS[type].add(scene);
  const first = start(scene);
  await Promise.race([first.exited, scene.ended(job)]);
  if (scene.sent() === null) return false;
  await expectGoodEnd(first);
  await expectNoHalves(type, job);
  scene.worker();
  await expectSoundEnd(type, job);
  return true;
}

const chosen = ({ phases }: Work): Work['phases'] => phases.filter(({ often }) => LONG || often);

describe.each(JOB_TYPES.filter((type) => chosen(WORKS[type]).length > 0))('%s, told to end while it is', (type) => {
  it.each(chosen(WORKS[type]).map((phase) => [phase.name, phase] as const))(
    '%s',
    async (_name, { call, nth = 1 }) => {
      expect(await terminate(type, () => scene.worker({ moment: { call, nth } }))).toBe(true);
    },
    60_000,
  );
});

describe('a restore, told to end while', () => {
  it('QwenPaw is brought to rest', async () => {
    const env = { PAWVAULT_QUIESCE_COMMAND_BEFORE: `${scene.terminateParent()}; exec sleep 60` };
    expect(await terminate('backup.restore', () => scene.worker({ env }))).toBe(true);
    expect(scene.said()).toEqual(['wake', 'rest', 'wake']);
  }, 60_000);

  it('QwenPaw is woken', async () => {
    const env = { PAWVAULT_QUIESCE_COMMAND_AFTER: `${scene.terminateParent()}; ${scene.say('wake')}` };
    expect(await terminate('backup.restore', () => scene.worker({ env }))).toBe(true);
    expect(scene.said()).toEqual(['rest', 'wake']);
  }, 60_000);

  it('it waits for the lock that QwenPaw holds', async () => {
    await scene.holdLock();
    const env = { PATH: `${scene.terminatingFlock()}:${process.env['PATH']}` };
    const job = await WORKS['backup.restore'].add(scene);
    const first = scene.worker({ env });
    await first.exited;
    await scene.releaseLock();
    await expectGoodEnd(first);
    await expectNoHalves('backup.restore', job);
    scene.worker();
    await expectSoundEnd('backup.restore', job);
  }, 60_000);
});

(LONG ? describe : () => undefined)(`any job, told to end at every ${EVERY}th call of the file system`, () => {
  it.each(JOB_TYPES)(
    '%s',
    async (type) => {
      for (let nth = 1; await terminate(type, () => scene.worker({ moment: { call: '.', nth } })); nth += EVERY)
        await scene.reset();
    },
    900_000,
  );
});
