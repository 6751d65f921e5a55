import { DomainError } from '@pawvault/contracts';
import type { CreatePayload, JobView } from '@pawvault/contracts';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { redisName } from '../names';
import { Bench, ended, kill, viewWhen } from './bench';
import { createPayload, createResult, progressAt, restorePayload, restoreResult, verifyResult } from './samples';
import { aborted, gate } from './signals';

/**
 * What every server must do for PawVault: the same checks run against redis-server, valkey-server and the server in
 * JavaScript. All of them pass all of it; the last is some five times slower and loses everything with its process.
 */
export function queueBattery(redisUrl: () => string): void {
  let bench: Bench;
  beforeEach(() => (bench = new Bench(redisUrl())));
  afterEach(() => bench.close());

  describe('a job', () => {
    it('is queued, runs and completes', async () => {
      const queue = bench.queue();
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
      await bench.workers();
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
      await bench.workers({
        'backup.create': async (payload, context) => {
          for (const percent of [10, 55.55, 30, 100, 140]) context.onProgress(progressAt(percent));
          context.warn({ code: 'FILE_VANISHED', message: 'chats.json', details: { path: 'chats.json' } });
          warned.open();
          await done.promise;
          return createResult(payload);
        },
      });
      const queue = bench.queue();
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
      await bench.workers({
        'backup.create': (payload, context) => {
          for (let percent = 0; percent < 90; percent += 0.01) context.onProgress(progressAt(percent));
          context.onProgress({ ...progressAt(90), phase: 'last' });
          return Promise.resolve(createResult(payload));
        },
      });
      const queue = bench.queue();
      const { id } = await queue.add('backup.create', createPayload());
      expect((await ended(queue, id)).progress).toMatchObject({ phase: 'last' });
      const redis = new Redis(redisUrl());
      const events = await redis.xrange(`bull:${redisName(bench.instanceId, 'exclusive')}:events`, '-', '+');
      redis.disconnect();
      expect(events.filter(([, fields]) => fields.includes('progress')).length).toBeLessThanOrEqual(3);
    });

    it('that is refused fails once, with its code and details', async () => {
      let runs = 0;
      await bench.workers({
        'backup.create': () => {
          runs += 1;
          throw new DomainError('DISK_FULL', 'It needs 5 bytes', { needed_bytes: 5 });
        },
      });
      const queue = bench.queue();
      const { id } = await queue.add('backup.create', createPayload());
      const error = { code: 'DISK_FULL', message: 'It needs 5 bytes', details: { needed_bytes: 5 } };
      expect(await ended(queue, id)).toMatchObject({ state: 'failed', error, result: null });
      expect(runs).toBe(1);
    });

    it('that breaks is tried again', async () => {
      let runs = 0;
      await bench.workers({
        'backup.create': (payload) => {
          runs += 1;
          if (runs === 1) throw new Error('a surprise');
          return Promise.resolve(createResult(payload));
        },
      });
      const queue = bench.queue();
      const { id } = await queue.add('backup.create', createPayload());
      expect(await ended(queue, id)).toMatchObject({ state: 'completed', error: null });
      expect(runs).toBe(2);
    });

    it('that breaks twice fails without telling why to the world', async () => {
      const secret = 'password=hunter2';
      await bench.workers({ 'backup.create': () => Promise.reject(new Error(secret)) });
      const queue = bench.queue();
      const { id } = await queue.add('backup.create', createPayload());
      expect(await ended(queue, id)).toMatchObject({ state: 'failed', error: { code: 'INTERNAL_ERROR', details: {} } });
      const redis = new Redis(redisUrl());
      const stored = JSON.stringify(await redis.hgetall(`bull:${redisName(bench.instanceId, 'exclusive')}:${id}`));
      redis.disconnect();
      expect(stored).toContain('INTERNAL_ERROR');
      expect(stored).not.toContain(secret);
    });

    it.each(['nonsense', 'e-1', '12', 'p-00000000-0000-0000-0000-000000000000', 'a:b'])(
      '%s is not known',
      async (id) => {
        const queue = bench.queue();
        await expect(queue.get(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
        await expect(queue.cancel(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
      },
    );
  });

  describe('a payload', () => {
    it('is refused by the producer', async () => {
      const bad = { ...createPayload(), secret: 'x' } as CreatePayload;
      await expect(bench.queue().add('backup.create', bad)).rejects.toMatchObject({
        code: 'JOB_PAYLOAD_INVALID',
        details: { fields: ['secret'] },
      });
    });

    it('of another version is refused by the worker', async () => {
      await bench.workers();
      const connection = new Redis(redisUrl(), { maxRetriesPerRequest: null });
      const foreign = new Queue(redisName(bench.instanceId, 'parallel'), { connection });
      const id = 'p-00000000-0000-4000-8000-000000000001';
      await foreign.add(
        'backup.verify',
        { payload: { backup_id: '../etc' }, cancelled_at: null },
        { jobId: id, attempts: 2 },
      );
      const error = { code: 'JOB_PAYLOAD_INVALID', details: { fields: ['backup_id'] } };
      expect(await ended(bench.queue(), id)).toMatchObject({ state: 'failed', error });
      await foreign.close();
      connection.disconnect();
    });
  });

  describe('cancelling', () => {
    it('a queued job ends it at once, and it never runs', async () => {
      const queue = bench.queue();
      const { id } = await queue.add('backup.create', createPayload());
      expect(await queue.cancel(id)).toMatchObject({
        state: 'cancelled',
        error: { code: 'JOB_CANCELLED' },
        finished_at: expect.any(String) as string,
      });
      expect((await queue.waitFor(id, { timeoutMs: 1000 })).state).toBe('cancelled');
      await expect(queue.cancel(id)).rejects.toMatchObject({ code: 'JOB_FINISHED' });
      const ran: string[] = [];
      await bench.workers({
        'backup.create': (payload) => {
          ran.push(payload.short_id);
          return Promise.resolve(createResult(payload));
        },
      });
      const next = createPayload();
      await ended(queue, (await queue.add('backup.create', next)).id);
      expect(ran).toEqual([next.short_id]);
      expect(await queue.get(id)).toMatchObject({ state: 'cancelled', started_at: expect.any(String) as string });
    });

    it('a running job ends it within two seconds', async () => {
      const started = gate();
      await bench.workers({
        'backup.create': (_payload, { signal }) => {
          started.open();
          return aborted(signal);
        },
      });
      const queue = bench.queue();
      const { id } = await queue.add('backup.create', createPayload());
      await started.promise;
      const asked = performance.now();
      expect((await queue.cancel(id)).state).toBe('running');
      expect(await ended(queue, id, 2000)).toMatchObject({ state: 'cancelled', error: { code: 'JOB_CANCELLED' } });
      expect(performance.now() - asked).toBeLessThan(2000);
      await expect(queue.cancel(id)).rejects.toMatchObject({ code: 'JOB_FINISHED' });
    });

    it('is kept for a job whose handler breaks on the abort instead of naming it', async () => {
      const started = gate();
      await bench.workers({
        'backup.create': async (_payload, { signal }) => {
          started.open();
          await aborted(signal).catch(() => undefined);
          throw new Error('a stream was destroyed');
        },
      });
      const queue = bench.queue();
      const { id } = await queue.add('backup.create', createPayload());
      await started.promise;
      await queue.cancel(id);
      expect((await ended(queue, id)).state).toBe('cancelled');
    });

    it('a restore is refused once it commits, and the restore completes', async () => {
      const done = gate();
      await bench.workers({
        'backup.restore': async (payload, { onProgress }) => {
          onProgress({ ...progressAt(99), phase: 'committing' });
          await done.promise;
          return restoreResult(payload);
        },
      });
      const queue = bench.queue();
      const { id } = await queue.add('backup.restore', restorePayload());
      await viewWhen(queue, id, ({ progress }) => progress?.phase === 'committing');
      await expect(queue.cancel(id)).rejects.toMatchObject({ code: 'RESTORE_COMMITTING', details: { id } });
      done.open();
      expect(await ended(queue, id)).toMatchObject({ state: 'completed', error: null });
    });

    it('a restore that does not stop any more, although nobody could know it, leaves it completed', async () => {
      const noticed = gate();
      await bench.workers({
        'backup.restore': async (payload, { signal, onProgress }) => {
          onProgress({ ...progressAt(98), phase: 'staging' });
          await aborted(signal).catch(() => undefined);
          noticed.open();
          return restoreResult(payload);
        },
      });
      const queue = bench.queue();
      const { id } = await queue.add('backup.restore', restorePayload());
      await viewWhen(queue, id, ({ progress }) => progress?.phase === 'staging');
      expect((await queue.cancel(id)).state).toBe('running');
      await noticed.promise;
      expect(await ended(queue, id)).toMatchObject({ state: 'completed', error: null });
    });

    it.each([
      ['had committed', 'completed'],
      ['had not committed', 'cancelled'],
    ] as const)('a restore whose worker died ends as its next run finds it: it %s', async (found, state) => {
      const queue = bench.queue();
      const { id } = await queue.add('backup.restore', restorePayload());
      await kill(await bench.stuckProcess());
      expect((await queue.cancel(id)).state).toBe('running');
      await bench.workers({
        'backup.restore': (payload, { signal }) =>
          found === 'had committed' ? Promise.resolve(restoreResult(payload)) : aborted(signal),
      });
      const seen = new Set<string>();
      for await (const view of queue.watch(id, AbortSignal.timeout(20_000))) seen.add(view.state);
      expect([...seen].at(-1)).toBe(state);
      expect((await queue.get(id)).state).toBe(state);
    });

    it('a restore that has not begun ends it at once', async () => {
      const queue = bench.queue();
      const { id } = await queue.add('backup.restore', restorePayload());
      expect((await queue.cancel(id)).state).toBe('cancelled');
      await bench.workers({ 'backup.restore': () => Promise.reject(new Error('was run')) });
      const next = await queue.add('backup.create', createPayload());
      await ended(queue, next.id);
      expect((await queue.get(id)).state).toBe('cancelled');
    });
  });

  describe('workers', () => {
    it('run one exclusive job at a time over all of them, and parallel ones beside it', async () => {
      let running = 0;
      let most = 0;
      const verified = gate();
      const handlers = {
        'backup.create': async (payload: CreatePayload) => {
          most = Math.max(most, (running += 1));
          await verified.promise;
          running -= 1;
          return createResult(payload);
        },
        'backup.verify': ({ backup_id }: { backup_id: string }) => {
          verified.open();
          return Promise.resolve(verifyResult(backup_id));
        },
      };
      await Promise.all([bench.workers(handlers), bench.workers(handlers), bench.workers(handlers)]);
      const queue = bench.queue();
      const creates = await Promise.all([1, 2, 3, 4].map(() => queue.add('backup.create', createPayload())));
      await viewWhen(queue, creates[0]?.id ?? '', ({ state }) => state === 'running');
      const verify = await queue.add('backup.verify', { backup_id: 'x' });
      const views = await Promise.all([...creates, verify].map(({ id }) => ended(queue, id)));
      expect(views.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'completed'));
      expect(most).toBe(1);
    });

    it('take up the job of one that was killed, and its progress does not fall back', async () => {
      const queue = bench.queue();
      const { id } = await queue.add('backup.create', createPayload());
      const child = await bench.stuckProcess();
      await viewWhen(queue, id, ({ progress }) => progress?.percent === 42);
      const done = gate();
      await bench.workers({
        'backup.create': async (payload, context) => {
          context.onProgress({ ...progressAt(3), phase: 'again' });
          await done.promise;
          return createResult(payload);
        },
      });
      await kill(child);
      const again = await viewWhen(queue, id, ({ progress }) => progress?.phase === 'again');
      expect(again).toMatchObject({ state: 'running', progress: { percent: 42 } });
      done.open();
      expect((await ended(queue, id)).state).toBe('completed');
    });

    it('that die of the same job again and again fail it', async () => {
      const queue = bench.queue();
      const { id } = await queue.add('backup.create', createPayload());
      for (let death = 0; death < 4; death++) await kill(await bench.stuckProcess());
      await bench.workers({ 'backup.create': () => Promise.reject(new Error('was run once more')) });
      expect(await ended(queue, id)).toMatchObject({ state: 'failed', error: { code: 'JOB_INTERRUPTED' } });
    }, 60_000);

    it('give a running job back when they are closed, and another takes it at once', async () => {
      const started = gate();
      const first = await bench.workers({
        'backup.create': (_payload, { signal }) => {
          started.open();
          return aborted(signal);
        },
      });
      const queue = bench.queue();
      const { id } = await queue.add('backup.create', createPayload());
      await started.promise;
      await first.close(5000);
      expect(await queue.get(id)).toMatchObject({ state: 'queued', error: null });
      await bench.workers();
      expect(await ended(queue, id, 2000)).toMatchObject({ state: 'completed' });
    });

    it('let a job that ends on its own while they close complete', async () => {
      const started = gate();
      const first = await bench.workers({
        'backup.create': async (payload, { signal }) => {
          started.open();
          await aborted(signal).catch(() => undefined);
          return createResult(payload);
        },
      });
      const queue = bench.queue();
      const { id } = await queue.add('backup.create', createPayload());
      await started.promise;
      await first.close(5000);
      expect(await queue.get(id)).toMatchObject({ state: 'completed' });
    });

    it('close in spite of a handler that does not listen, and its job is taken over', async () => {
      const started = gate();
      const first = await bench.workers({
        'backup.create': () => {
          started.open();
          return new Promise(() => undefined);
        },
      });
      const queue = bench.queue();
      const { id } = await queue.add('backup.create', createPayload());
      await started.promise;
      const asked = performance.now();
      await first.close(100);
      expect(performance.now() - asked).toBeLessThan(5000);
      await bench.workers();
      expect(await ended(queue, id)).toMatchObject({ state: 'completed' });
    });

    it('are seen while they live', async () => {
      const queue = bench.queue();
      expect(await queue.workerAlive()).toBe(false);
      const [first, second] = await Promise.all([bench.workers(), bench.workers()]);
      expect(await queue.workerAlive()).toBe(true);
      expect([first.isReady(), second.isReady()]).toEqual([true, true]);
      await first.close(0);
      expect([first.isReady(), second.isReady()]).toEqual([false, true]);
      expect(await queue.workerAlive()).toBe(true);
      await second.close(0);
      expect(await queue.workerAlive()).toBe(false);
    });

    it('must handle every kind of job', async () => {
      await expect(bench.workers({ 'backup.verify': undefined as never })).rejects.toThrow(/backup\.verify/);
    });
  });

  describe('the list', () => {
    const idsOf = (jobs: JobView[]): string[] => jobs.map(({ id }) => id);

    it('is newest first over both queues, by pages, and can be filtered', async () => {
      const queue = bench.queue();
      const added: string[] = [];
      for (let i = 0; i < 3; i++) {
        added.unshift((await queue.add('backup.create', createPayload())).id);
        added.unshift((await queue.add('backup.verify', { backup_id: 'x' })).id);
      }
      expect(idsOf((await queue.list({ limit: 200 })).jobs)).toEqual(added);
      const first = await queue.list({ limit: 4 });
      expect(idsOf(first.jobs)).toEqual(added.slice(0, 4));
      const later = await queue.add('backup.verify', { backup_id: 'y' });
      const second = await queue.list({ limit: 4, cursor: first.next_cursor ?? '' });
      expect(second).toMatchObject({ next_cursor: null });
      expect(idsOf(second.jobs)).toEqual(added.slice(4));
      expect(idsOf((await queue.list({ limit: 9, type: 'backup.create' })).jobs)).toEqual(
        added.filter((id) => id.startsWith('e-')),
      );
      await queue.cancel(later.id);
      expect(idsOf((await queue.list({ limit: 9, state: 'cancelled' })).jobs)).toEqual([later.id]);
      await bench.workers();
      await Promise.all(added.map((id) => ended(queue, id)));
      expect(idsOf((await queue.list({ limit: 9, state: 'completed' })).jobs)).toEqual(added);
      await expect(queue.list({ limit: 4, cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
      });
    });

    it('is still there for another producer', async () => {
      const first = bench.queue();
      const payload = createPayload();
      const { id } = await first.add('backup.create', payload);
      await bench.workers();
      const view = await ended(first, id);
      await first.close();
      const second = bench.queue();
      expect(await second.get(id)).toEqual(view);
      expect(idsOf((await second.list({ limit: 5 })).jobs)).toEqual([id]);
    });

    it('knows which jobs concern a backup', async () => {
      const queue = bench.queue();
      const payload = createPayload();
      const create = await queue.add('backup.create', payload);
      const verify = await queue.add('backup.verify', { backup_id: 'other' });
      const rename = await queue.add('backup.rename', { backup_id: 'other', name: 'x' });
      const dropped = await queue.add('backup.verify', { backup_id: 'other' });
      await queue.cancel(dropped.id);
      const made = createResult(payload).backup_id;
      expect(idsOf(await queue.activeFor(made))).toEqual([create.id]);
      expect(idsOf(await queue.activeFor('other')).sort()).toEqual([verify.id, rename.id].sort());
      const identity = { created_at: '2026-04-20T09:30:00.000Z', short_id: 'feedc0de' };
      const restore = await queue.add('backup.restore', restorePayload({ pre_restore_backup: identity }));
      expect(idsOf(await queue.activeFor(restorePayload().backup_id))).toEqual([restore.id]);
      expect(idsOf(await queue.activeFor('qwenpaw-1.2.0-20260420T093000Z-feedc0de'))).toEqual([restore.id]);
      await bench.workers();
      await Promise.all([ended(queue, create.id), ended(queue, restore.id)]);
      expect(await queue.activeFor(made)).toEqual([]);
    });
  });

  describe('a question', () => {
    it('is answered, and leaves no trace', async () => {
      await bench.workers();
      const queue = bench.queue();
      expect(await queue.ask('instance.inspect', {}, { timeoutMs: 5000 })).toMatchObject({ instance_id: 'spec' });
      expect((await queue.list({ limit: 5 })).jobs).toEqual([]);
    });

    it('without a worker is refused', async () => {
      await expect(bench.queue().ask('instance.inspect', {}, { timeoutMs: 5000 })).rejects.toMatchObject({
        code: 'WORKER_UNAVAILABLE',
      });
    });

    it('that is not answered in time is given up', async () => {
      await bench.workers({ 'instance.inspect': (_payload, { signal }) => aborted(signal) });
      const queue = bench.queue();
      await expect(queue.ask('instance.inspect', {}, { timeoutMs: 100 })).rejects.toMatchObject({
        code: 'WORKER_UNAVAILABLE',
      });
      const [left] = (await queue.list({ limit: 5 })).jobs;
      if (left !== undefined) expect((await ended(queue, left.id)).state).toBe('cancelled');
    });

    it('that fails passes the error on', async () => {
      await bench.workers({
        'instance.inspect': () => Promise.reject(new DomainError('INSTANCE_NOT_FOUND', 'none', { path: '/w' })),
      });
      const asking = bench.queue().ask('instance.inspect', {}, { timeoutMs: 5000 });
      await expect(asking).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND', details: { path: '/w' } });
    });
  });
}
