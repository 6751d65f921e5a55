import { DomainError } from '@pawvault/contracts';
import { Redis } from 'ioredis';
import { redisName } from '../../names';
import { type Bench, ended, viewWhen } from '../bench';
import { createPayload, createResult, progressAt } from '../samples';
import { gate } from '../signals';

/** What a job goes through. */
export function describeJobs(current: () => Bench): void {
  describe('a job', () => {
    it('is queued, runs and completes', async () => {
      const queue = current().queue();
      const payload = createPayload();
      const added = await queue.add('backup.create', payload);
      expect(added).toMatchObject({
        type: 'backup.create',
        state: 'queued',
        started_at: null,
        progress: null,
        result: null,
        error: null,
      });
      expect(added.id).toMatch(/^e-[0-9a-f-]{36}$/);
      expect(await queue.get(added.id)).toEqual(added);
      await current().workers();
      const view = await ended(queue, added.id);
      const result = createResult(payload);
      expect(view).toMatchObject({
        state: 'completed',
        result,
        backup_id: result.backup_id,
        error: null,
        warnings: [],
      });
      const times = [view.created_at, view.started_at, view.finished_at];
      expect(times).toEqual([...times].sort());
    });

    it('shows progress that only rises and ends at 100, and warnings as they come', async () => {
      const warned = gate();
      const done = gate();
      await current().workers({
        'backup.create': async (payload, context) => {
          for (const percent of [10, 55.55, 30, 100, 140]) context.onProgress(progressAt(percent));
          context.warn({ code: 'FILE_VANISHED', message: 'chats.json', details: { path: 'chats.json' } });
          warned.open();
          await done.promise;
          return createResult(payload);
        },
      });
      const queue = current().queue();
      const { id } = await queue.add('backup.create', createPayload());
      await warned.promise;
      const running = await viewWhen(queue, id, ({ warnings }) => warnings.length === 1);
      expect(running).toMatchObject({
        state: 'running',
        progress: { percent: 99.9 },
        warnings: [{ code: 'FILE_VANISHED' }],
      });
      done.open();
      expect(await ended(queue, id)).toMatchObject({
        progress: { percent: 100, eta_seconds: 0 },
        warnings: [{ details: { path: 'chats.json' } }],
      });
    });

    it('writes a flood of progress a few times a second, the last one always', async () => {
      await current().workers({
        'backup.create': (payload, context) => {
          for (let percent = 0; percent < 90; percent += 0.01) context.onProgress(progressAt(percent));
          context.onProgress({ ...progressAt(90), phase: 'last' });
          return Promise.resolve(createResult(payload));
        },
      });
      const queue = current().queue();
      const { id } = await queue.add('backup.create', createPayload());
      expect((await ended(queue, id)).progress).toMatchObject({ phase: 'last' });
      const redis = new Redis(current().redisUrl);
      const events = await redis.xrange(`bull:${redisName(current().instanceId, 'exclusive')}:events`, '-', '+');
      redis.disconnect();
      expect(events.filter(([, fields]) => fields.includes('progress')).length).toBeLessThanOrEqual(3);
    });

    it('that is refused fails once, with its code and details', async () => {
      let runs = 0;
      await current().workers({
        'backup.create': () => {
          runs += 1;
          throw new DomainError('DISK_FULL', 'It needs 5 bytes', { needed_bytes: 5 });
        },
      });
      const queue = current().queue();
      const { id } = await queue.add('backup.create', createPayload());
      const error = { code: 'DISK_FULL', message: 'It needs 5 bytes', details: { needed_bytes: 5 } };
      expect(await ended(queue, id)).toMatchObject({ state: 'failed', error, result: null });
      expect(runs).toBe(1);
    });

    it('that breaks is tried again', async () => {
      let runs = 0;
      await current().workers({
        'backup.create': (payload) => {
          runs += 1;
          if (runs === 1) throw new Error('a surprise');
          return Promise.resolve(createResult(payload));
        },
      });
      const queue = current().queue();
      const { id } = await queue.add('backup.create', createPayload());
      expect(await ended(queue, id)).toMatchObject({ state: 'completed', error: null });
      expect(runs).toBe(2);
    });

    it('that breaks twice fails without telling why to the world', async () => {
      const secret = 'password=hunter2';
      await current().workers({ 'backup.create': () => Promise.reject(new Error(secret)) });
      const queue = current().queue();
      const { id } = await queue.add('backup.create', createPayload());
      expect(await ended(queue, id)).toMatchObject({ state: 'failed', error: { code: 'INTERNAL_ERROR', details: {} } });
      const redis = new Redis(current().redisUrl);
      const stored = JSON.stringify(await redis.hgetall(`bull:${redisName(current().instanceId, 'exclusive')}:${id}`));
      redis.disconnect();
      expect(stored).toContain('INTERNAL_ERROR');
      expect(stored).not.toContain(secret);
    });

    it.each(['nonsense', 'e-1', '12', 'p-00000000-0000-0000-0000-000000000000', 'a:b'])(
      '%s is not known',
      async (id) => {
        const queue = current().queue();
        await expect(queue.get(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
        await expect(queue.cancel(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
      },
    );
  });
}
