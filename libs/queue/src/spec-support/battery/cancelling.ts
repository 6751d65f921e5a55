import { type Bench, ended, kill, viewWhen } from '../bench';
import { createPayload, createResult, progressAt, restorePayload, restoreResult } from '../samples';
import { aborted, gate } from '../signals';

/** When a cancel still comes in time, and what becomes of the job. */
export function describeCancelling(current: () => Bench): void {
  describe('cancelling', () => {
    it('a queued job ends it at once, and it never runs', async () => {
      const queue = current().queue();
      const { id } = await queue.add('backup.create', createPayload());
      expect(await queue.cancel(id)).toMatchObject({
        state: 'cancelled',
        error: { code: 'JOB_CANCELLED' },
        finished_at: expect.any(String) as string,
      });
      expect((await queue.waitFor(id, { timeoutMs: 1000 })).state).toBe('cancelled');
      await expect(queue.cancel(id)).rejects.toMatchObject({ code: 'JOB_FINISHED' });
      const ran: string[] = [];
      await current().workers({
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
      await current().workers({
        'backup.create': (_payload, { signal }) => {
          started.open();
          return aborted(signal);
        },
      });
      const queue = current().queue();
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
      await current().workers({
        'backup.create': async (_payload, { signal }) => {
          started.open();
          await aborted(signal).catch(() => undefined);
          throw new Error('a stream was destroyed');
        },
      });
      const queue = current().queue();
      const { id } = await queue.add('backup.create', createPayload());
      await started.promise;
      await queue.cancel(id);
      expect((await ended(queue, id)).state).toBe('cancelled');
    });

    it('a restore is refused once it commits, and the restore completes', async () => {
      const done = gate();
      await current().workers({
        'backup.restore': async (payload, { onProgress }) => {
          onProgress({ ...progressAt(99), phase: 'committing' });
          await done.promise;
          return restoreResult(payload);
        },
      });
      const queue = current().queue();
      const { id } = await queue.add('backup.restore', restorePayload());
      await viewWhen(queue, id, ({ progress }) => progress?.phase === 'committing');
      await expect(queue.cancel(id)).rejects.toMatchObject({ code: 'RESTORE_COMMITTING', details: { id } });
      done.open();
      expect(await ended(queue, id)).toMatchObject({ state: 'completed', error: null });
    });

    it('a restore that does not stop any more, although nobody could know it, leaves it completed', async () => {
      const noticed = gate();
      await current().workers({
        'backup.restore': async (payload, { signal, onProgress }) => {
          onProgress({ ...progressAt(98), phase: 'staging' });
          await aborted(signal).catch(() => undefined);
          noticed.open();
          return restoreResult(payload);
        },
      });
      const queue = current().queue();
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
      const queue = current().queue();
      const { id } = await queue.add('backup.restore', restorePayload());
      await kill(await current().stuckProcess());
      expect((await queue.cancel(id)).state).toBe('running');
      await current().workers({
        'backup.restore': (payload, { signal }) =>
          found === 'had committed' ? Promise.resolve(restoreResult(payload)) : aborted(signal),
      });
      const seen = new Set<string>();
      for await (const view of queue.watch(id, AbortSignal.timeout(20_000))) seen.add(view.state);
      expect([...seen].at(-1)).toBe(state);
      expect((await queue.get(id)).state).toBe(state);
    });

    it('a restore that has not begun ends it at once', async () => {
      const queue = current().queue();
      const { id } = await queue.add('backup.restore', restorePayload());
      expect((await queue.cancel(id)).state).toBe('cancelled');
      await current().workers({ 'backup.restore': () => Promise.reject(new Error('was run')) });
      const next = await queue.add('backup.create', createPayload());
      await ended(queue, next.id);
      expect((await queue.get(id)).state).toBe('cancelled');
    });
  });
}
