import { rmSync, writeFileSync } from 'node:fs';
import { Bench } from '../spec-support/bench';

describe('health', () => {
  let bench: Bench;
  afterEach(() => bench.close());

  it('is ready with Redis, a worker and the backup directory', async () => {
    bench = await Bench.open();
    const before = await bench.api.get('/api/v1/health/ready').expect(503);
    expect(before.body).toEqual({
      status: 'unavailable',
      checks: { redis: 'ok', worker: 'WORKER_UNAVAILABLE', backup_dir: 'ok' },
    });
    await bench.work();
    const ready = { status: 'ok', checks: { redis: 'ok', worker: 'ok', backup_dir: 'ok' } };
    expect((await bench.api.get('/health/ready').expect(200)).body).toEqual(ready);
    rmSync(bench.backupDir, { recursive: true });
    expect((await bench.api.get('/health/ready').expect(200)).body).toEqual(ready);
    writeFileSync(bench.backupDir, '');
    const { body } = await bench.api.get('/health/ready').expect(503);
    expect(body.checks).toMatchObject({ redis: 'ok', backup_dir: 'BACKUP_DIR_UNUSABLE' });
    expect((await bench.api.get('/api/v1/backups').expect(503)).body.code).toBe('BACKUP_DIR_UNUSABLE');
  });

  it('lives without any of them, and lists and downloads without Redis', async () => {
    bench = await Bench.open({ REDIS_URL: 'redis://127.0.0.1:1' });
    const id = await bench.addBackup('native-full.zip');
    await bench.api.get('/health/live').expect(200, { status: 'ok' });
    expect((await bench.api.get('/health/ready').expect(503)).body.checks).toMatchObject({
      redis: 'QUEUE_UNAVAILABLE',
      backup_dir: 'ok',
    });
    await bench.api.get('/api/v1/backups').expect(200);
    await bench.api.get(`/api/v1/backups/${id}`).expect(200);
    await bench.api.get(`/api/v1/backups/${id}/archive`).expect(200);
    const start = performance.now();
    const refused = await Promise.all([
      bench.api.post('/api/v1/backups').send({ name: 'a', mode: 'full' }),
      bench.api.delete(`/api/v1/backups/${id}`),
      bench.api.post('/api/v1/backups/batch-delete').send({ ids: [id] }),
      bench.api.get('/api/v1/jobs'),
      bench.api.get('/api/v1/jobs/e-1/events'),
      bench.api.get('/api/v1/instance'),
    ]);
    expect(performance.now() - start).toBeLessThan(5000);
    for (const { status, body } of refused) expect([status, body.code]).toEqual([503, 'QUEUE_UNAVAILABLE']);
  });
});
