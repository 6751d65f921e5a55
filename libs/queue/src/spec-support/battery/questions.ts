import { DomainError } from '@pawvault/contracts';
import { type Bench, ended } from '../bench';
import { aborted } from '../signals';

/** Jobs whose answer is all that matters. */
export function describeQuestions(current: () => Bench): void {
  describe('a question', () => {
    it('is answered, and leaves no trace', async () => {
      await current().workers();
      const queue = current().queue();
      expect(await queue.ask('instance.inspect', {}, { timeoutMs: 5000 })).toMatchObject({ instance_id: 'spec' });
      expect((await queue.list({ limit: 5 })).jobs).toEqual([]);
    });

    it('without a worker is refused', async () => {
      await expect(current().queue().ask('instance.inspect', {}, { timeoutMs: 5000 })).rejects.toMatchObject({
        code: 'WORKER_UNAVAILABLE',
      });
    });

    it('that is not answered in time is given up', async () => {
      await current().workers({ 'instance.inspect': (_payload, { signal }) => aborted(signal) });
      const queue = current().queue();
      await expect(queue.ask('instance.inspect', {}, { timeoutMs: 100 })).rejects.toMatchObject({
        code: 'WORKER_UNAVAILABLE',
      });
      const [left] = (await queue.list({ limit: 5 })).jobs;
      if (left !== undefined) expect((await ended(queue, left.id)).state).toBe('cancelled');
    });

    it('that fails passes the error on', async () => {
      await current().workers({
        'instance.inspect': () => Promise.reject(new DomainError('INSTANCE_NOT_FOUND', 'none', { path: '/w' })),
      });
      const asking = current().queue().ask('instance.inspect', {}, { timeoutMs: 5000 });
      await expect(asking).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND', details: { path: '/w' } });
    });
  });
}
