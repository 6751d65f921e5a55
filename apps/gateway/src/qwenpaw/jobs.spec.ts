import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { Bench } from '../spec-support/bench';
import { handlersWith } from '../spec-support/handlers';
import { eventsOf } from '../spec-support/raw-requests';

describe('backup jobs on the wire of QwenPaw', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

  const start = async (body: object = { name: 'n' }) =>
    (await bench.api.post('/api/backups/jobs').send(body).expect(202)).body;

  it('are started, found as the active one, cancelled, and there is none any more', async () => {
    expect((await bench.api.get('/api/backups/jobs/active').expect(200)).body).toBeNull();
    const job = await start();
    expect(job).toMatchObject({ status: 'pending', phase: 'preparing', percent: 0, result: null, error: null });
    expect((await bench.api.get('/api/backups/jobs/active')).body.job_id).toBe(job.job_id);
    const { body: cancelled } = await bench.api.post(`/api/backups/jobs/${job.job_id}/cancel`).expect(200);
    expect(cancelled).toMatchObject({ job_id: job.job_id, status: 'cancelled' });
    expect((await bench.api.get(`/api/backups/jobs/${job.job_id}`)).body.status).toBe('cancelled');
    expect((await bench.api.get('/api/backups/jobs/active').expect(200)).body).toBeNull();
  });

  it('that run are asked to stop, and do', async () => {
    await bench.work({
      'backup.create': (_payload, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new DomainError('JOB_CANCELLED'))),
        ),
    });
    const { job_id } = await start();
    for await (const { state } of bench.queue.watch(job_id, AbortSignal.timeout(10_000)))
      if (state === 'running') break;
    expect((await bench.api.get('/api/backups/jobs/active')).body).toMatchObject({ job_id, status: 'running' });
    const { body } = await bench.api.post(`/api/backups/jobs/${job_id}/cancel`).expect(200);
    expect(body.status).toBe('cancel_requested');
    const { text } = await bench.api.get(`/api/backups/jobs/${job_id}/events`).expect(200);
    expect(eventsOf(text).at(-1)).toMatchObject({ job_id, status: 'cancelled' });
  });

  it('are followed to their end, which names the backup while it is there', async () => {
    const id = await bench.addBackup('native-full.zip');
    await bench.work({
      'backup.create': async (payload, context) => ({
        ...(await handlersWith({})['backup.create'](payload, context)),
        backup_id: id,
      }),
    });
    const { job_id } = await start();
    const { text } = await bench.api.get(`/api/backups/jobs/${job_id}/events`).expect(200);
    expect(eventsOf(text).at(-1)).toMatchObject({ status: 'completed', percent: 100, backup_id: id, result: { id } });
    const { body } = await bench.api.post(`/api/backups/jobs/${job_id}/cancel`).expect(200);
    expect(body.status).toBe('completed');
    rmSync(join(bench.backupDir, 'native-full.zip'));
    expect((await bench.api.get(`/api/backups/jobs/${job_id}`)).body).toMatchObject({
      status: 'completed',
      result: null,
    });
  });

  it('that are no backups, or are not there, are a 404', async () => {
    const other = await bench.queue.add('backup.verify', { backup_id: 'b' });
    for (const id of [other.id, 'nothing']) {
      const { body } = await bench.api.get(`/api/backups/jobs/${id}`).expect(404);
      expect(body).toEqual({ detail: 'Backup job not found' });
      await bench.api.get(`/api/backups/jobs/${id}/events`).expect(404);
      await bench.api.post(`/api/backups/jobs/${id}/cancel`).expect(404);
    }
    expect((await bench.queue.get(other.id)).state).toBe('queued');
  });
});
