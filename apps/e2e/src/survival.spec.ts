import type { JobView } from '@pawvault/contracts';
import { isRunning } from '@pawvault/testing';
import { archivesIn, unfinishedIn } from './spec-support/backup-dir';
import { type Place, slowInstance } from './spec-support/slow-instance';
import { inTheMiddle, type Stack, startStack } from './spec-support/stack';
import { until } from './spec-support/until';

/** The worker is taken for dead after 10 s without a sign; others look for its jobs every 5 s, twice. */
const TAKEOVER_MS = 45_000;

async function expectOneSoundBackup(stack: Stack, place: Place, job: JobView<'backup.create'>): Promise<void> {
  expect(job).toMatchObject({ state: 'completed', error: null });
  expect(archivesIn(place.backupDir)).toEqual([`${job.result?.backup_id}.zip`]);
  expect(unfinishedIn(place.backupDir)).toEqual([]);
  const path = `/api/v1/backups/${job.result?.backup_id}/verify`;
  const verified = await stack.ended(await stack.client.post<JobView<'backup.verify'>>(path));
  expect(verified.result).toMatchObject({ state: 'ok', trust: 'valid' });
}

describe('a backup that is being made', () => {
  it('survives the client that asked for it, and a gateway that is killed', async () => {
    const place = slowInstance();
    const stack = await startStack(place);
    const job = await stack.startBackup();
    await inTheMiddle(stack, job);
    const gateway = stack.processOf('gateway');
    process.kill(gateway.pid, 'SIGKILL');
    await until('the gateway is gone', () => !isRunning(gateway.pid));

    const done = await stack.ended(job);
    expect(stack.processOf('gateway').pid).not.toBe(gateway.pid);
    await expectOneSoundBackup(stack, place, done);
  }, 60_000);

  it('is taken up again when its worker is killed, and leaves nothing of the first attempt', async () => {
    const place = slowInstance();
    const stack = await startStack(place);
    const job = await stack.startBackup();
    await inTheMiddle(stack, job);
    const worker = stack.processOf('worker');
    process.kill(worker.pid, 'SIGKILL');
    await until('the worker is gone', () => !isRunning(worker.pid));
    expect(unfinishedIn(place.backupDir)).toHaveLength(1);

    const done = await stack.ended(job, TAKEOVER_MS);
    expect(stack.processOf('worker').pid).not.toBe(worker.pid);
    await expectOneSoundBackup(stack, place, done);
  }, 90_000);

  it('is undone within two seconds when it is cancelled', async () => {
    const place = slowInstance({ letters: 6 });
    const stack = await startStack(place);
    const job = await stack.startBackup();
    await inTheMiddle(stack, job);
    const start = performance.now();
    await stack.client.post(`/api/v1/jobs/${job.id}/cancel`);
    const ended = await stack.ended(job);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(ended).toMatchObject({ state: 'cancelled', result: null, error: { code: 'JOB_CANCELLED' } });
    expect(archivesIn(place.backupDir)).toEqual([]);
    expect(unfinishedIn(place.backupDir)).toEqual([]);
  }, 60_000);
});
