import type { CreatePayload } from '@pawvault/contracts';
import { type Bench, ended, kill, viewWhen } from '../bench';
import { createPayload, createResult, progressAt, verifyResult } from '../samples';
import { aborted, gate } from '../signals';

/** Several workers, and those that die, freeze or close. */
export function describeWorkers(current: () => Bench): void {
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
      await Promise.all([current().workers(handlers), current().workers(handlers), current().workers(handlers)]);
      const queue = current().queue();
      const creates = await Promise.all([1, 2, 3, 4].map(() => queue.add('backup.create', createPayload())));
      await viewWhen(queue, creates[0]?.id ?? '', ({ state }) => state === 'running');
      const verify = await queue.add('backup.verify', { backup_id: 'x' });
      const views = await Promise.all([...creates, verify].map(({ id }) => ended(queue, id)));
      expect(views.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'completed'));
      expect(most).toBe(1);
    });

    it('take up the job of one that was killed, and its progress does not fall back', async () => {
      const queue = current().queue();
      const { id } = await queue.add('backup.create', createPayload());
      const child = await current().stuckProcess();
      await viewWhen(queue, id, ({ progress }) => progress?.percent === 42);
      const done = gate();
      await current().workers({
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
      const queue = current().queue();
      const { id } = await queue.add('backup.create', createPayload());
      for (let death = 0; death < 4; death++) await kill(await current().stuckProcess());
      await current().workers({ 'backup.create': () => Promise.reject(new Error('was run once more')) });
      expect(await ended(queue, id)).toMatchObject({ state: 'failed', error: { code: 'JOB_INTERRUPTED' } });
    }, 60_000);

    it('give a running job back when they are closed, and another takes it at once', async () => {
      const started = gate();
      const first = await current().workers({
        'backup.create': (_payload, { signal }) => {
          started.open();
          return aborted(signal);
        },
      });
      const queue = current().queue();
      const { id } = await queue.add('backup.create', createPayload());
      await started.promise;
      await first.close(5000);
      expect(await queue.get(id)).toMatchObject({ state: 'queued', error: null });
      await current().workers();
      expect(await ended(queue, id, 2000)).toMatchObject({ state: 'completed' });
    });

    it('let a job that ends on its own while they close complete', async () => {
      const started = gate();
      const first = await current().workers({
        'backup.create': async (payload, { signal }) => {
          started.open();
          await aborted(signal).catch(() => undefined);
          return createResult(payload);
        },
      });
      const queue = current().queue();
      const { id } = await queue.add('backup.create', createPayload());
      await started.promise;
      await first.close(5000);
      expect(await queue.get(id)).toMatchObject({ state: 'completed' });
    });

    it('close in spite of a handler that does not listen, and its job is taken over', async () => {
      const started = gate();
      const first = await current().workers({
        'backup.create': () => {
          started.open();
          return new Promise(() => undefined);
        },
      });
      const queue = current().queue();
      const { id } = await queue.add('backup.create', createPayload());
      await started.promise;
      const asked = performance.now();
      await first.close(100);
      expect(performance.now() - asked).toBeLessThan(5000);
      await current().workers();
      expect(await ended(queue, id)).toMatchObject({ state: 'completed' });
    });

    it('are seen while they live', async () => {
      const queue = current().queue();
      expect(await queue.workerAlive()).toBe(false);
      const [first, second] = await Promise.all([current().workers(), current().workers()]);
      expect(await queue.workerAlive()).toBe(true);
      expect([first.isReady(), second.isReady()]).toEqual([true, true]);
      await first.close(0);
      expect([first.isReady(), second.isReady()]).toEqual([false, true]);
      expect(await queue.workerAlive()).toBe(true);
      await second.close(0);
      expect(await queue.workerAlive()).toBe(false);
    });

    it('must handle every kind of job', async () => {
      await expect(current().workers({ 'backup.verify': undefined as never })).rejects.toThrow(/backup\.verify/);
    });
  });
}
