import { existsSync } from 'node:fs';
import { noise, sampleInstance, tempDir } from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { bareInstance } from '../spec-support/bare-instance';
import { fullPayload, plainEngine, RecordedJob, remainsIn, threadedEngine } from '../spec-support/engine-bench';
import { HookedRunner } from '../spec-support/hooked-runner';
import type { TaskName } from '../threads/tasks';
import { verifyBackup } from '../verify/verify-backup';
import { renameBackup } from '../rename/rename-backup';
import { createBackup } from './create-backup';

const REASON = new Error('cancelled by the test');

/** Runs until the job is aborted from within, and proves that nothing is left. @returns false when the job was faster */
async function cancelled(deps: EngineDeps, job: RecordedJob): Promise<boolean> {
  let abortedAt = 0;
  job.signal.addEventListener('abort', () => (abortedAt = performance.now()));
  const ending = await createBackup(deps, fullPayload(), job).catch((error: unknown) => error);
  const remains = remainsIn(deps.directories.backup_dir);
  expect({ ...remains, archives: [] }).toEqual({ archives: [], work: [], others: [] });
  if (ending !== REASON) {
    expect(ending).toHaveProperty('backup_id');
    return false;
  }
  expect(remains.archives).toEqual([]);
  expect(performance.now() - abortedAt).toBeLessThan(2_000);
  return true;
}

describe('a backup that is cancelled', () => {
  it('at any sign of progress ends with the reason and leaves nothing', async () => {
    const sample = sampleInstance(tempDir('cancel'), { mediaBytes: 3_000_000 });
    const deps = threadedEngine(sample.directories);
    let count = 0;
    for (let nth = 1; ; nth++) {
      const job = new RecordedJob();
      job.afterReport = (reports) => reports === nth && job.abort.abort(REASON);
      if (!(await cancelled(deps, job))) break;
      count = nth;
    }
    sample.close();
    expect(count).toBeGreaterThan(10);
  });

  it.each<[TaskName, number]>([
    ['pack-batch', 1],
    ['pack-batch', 2],
    ['deflate-block', 1],
    ['deflate-block', 4],
    ['capture-sqlite', 1],
  ])('before task %s %i ends with the reason and leaves nothing', async (wanted, count) => {
    const sample = sampleInstance(tempDir('cancel'), { mediaBytes: 10 });
    const { directories } = sample;
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${sample.agents[0]?.workspaceDir ?? ''}/long.txt`, Buffer.alloc(6 << 20, 'text '));
    const job = new RecordedJob();
    const pool = new HookedRunner((task, nth) => {
      if (task === wanted && nth === count) job.abort.abort(REASON);
    });
    await expect(cancelled({ ...plainEngine(directories), pool }, job)).resolves.toBe(true);
    sample.close();
  });

  it('while a database is copied does not wait for the copy', async () => {
    const sample = sampleInstance(tempDir('cancel'));
    const job = new RecordedJob();
    let finish = (): void => undefined;
    const copied = new Promise<void>((resolve) => (finish = resolve));
    const pool = new HookedRunner(async (task) => {
      if (task !== 'capture-sqlite') return;
      setImmediate(() => job.abort.abort(REASON));
      await copied;
    });
    await expect(cancelled({ ...plainEngine(sample.directories), pool }, job)).resolves.toBe(true);
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(remainsIn(sample.directories.backupDir).work).toEqual([]);
    sample.close();
  });

  it('before it began does nothing at all', async () => {
    const { directories } = bareInstance({ 'a.txt': 'x' });
    const job = new RecordedJob();
    job.abort.abort(REASON);
    await expect(createBackup(plainEngine(directories), fullPayload(), job)).rejects.toBe(REASON);
    expect(existsSync(directories.backupDir)).toBe(false);
  });
});

describe('a job on an archive that is cancelled', () => {
  async function archived(): Promise<{ deps: EngineDeps; id: string }> {
    const { directories } = bareInstance({ 'a.txt': 'x', 'b.bin': noise('b', 3 << 20), 'c.txt': 'y' });
    const deps = plainEngine(directories);
    const { backup_id: id } = await createBackup(deps, fullPayload(), new RecordedJob());
    return { deps, id };
  }

  it.each<[string, (deps: EngineDeps, id: string, job: RecordedJob) => Promise<unknown>]>([
    ['a verification', (deps, id, job) => verifyBackup(deps, { backup_id: id }, job)],
    ['a rename', (deps, id, job) => renameBackup(deps, { backup_id: id, name: 'another name' }, job)],
  ])('%s: ends with the reason and changes nothing', async (_, verb) => {
    const { deps, id } = await archived();
    for (let nth = 1, ended = false; !ended; nth++) {
      const before = await deps.store.find(id);
      const job = new RecordedJob();
      job.afterReport = (reports) => reports === nth && job.abort.abort(REASON);
      const ending = await verb(deps, id, job).catch((error: unknown) => error);
      ended = ending !== REASON;
      expect(remainsIn(deps.directories.backup_dir)).toEqual({ archives: [`${id}.zip`], work: [], others: [] });
      if (!ended) expect(await deps.store.find(id)).toEqual(before);
      else expect(nth).toBeGreaterThan(4);
    }
  });
});
