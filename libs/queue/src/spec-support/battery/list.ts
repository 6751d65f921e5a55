import type { JobView } from '@pawvault/contracts';
import { type Bench, ended } from '../bench';
import { createPayload, createResult, restorePayload, restoreResult, verifyResult } from '../samples';
import { gate } from '../signals';

/** What a producer sees of jobs. */
export function describeList(current: () => Bench): void {
  describe('the list', () => {
    const idsOf = (jobs: JobView[]): string[] => jobs.map(({ id }) => id);

    it('is newest first over both queues, by pages, and can be filtered', async () => {
      const queue = current().queue();
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
      await current().workers();
      await Promise.all(added.map((id) => ended(queue, id)));
      expect(idsOf((await queue.list({ limit: 9, state: 'completed' })).jobs)).toEqual(added);
      await expect(queue.list({ limit: 4, cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
      });
    });

    it('is still there for another producer', async () => {
      const first = current().queue();
      const payload = createPayload();
      const { id } = await first.add('backup.create', payload);
      await current().workers();
      const view = await ended(first, id);
      await first.close();
      const second = current().queue();
      expect(await second.get(id)).toEqual(view);
      expect(idsOf((await second.list({ limit: 5 })).jobs)).toEqual([id]);
    });

    it('tells a running job which others use a backup, and not itself', async () => {
      const queue = current().queue();
      const asked = gate();
      const seen = gate<string[]>();
      await current().workers({
        'backup.verify': async ({ backup_id }, context) => {
          await asked.promise;
          seen.open(await context.othersUsing(backup_id));
          return verifyResult(backup_id);
        },
        'backup.restore': async (payload) => {
          await seen.promise;
          return restoreResult(payload);
        },
      });
      const verify = await queue.add('backup.verify', { backup_id: 'other' });
      const restore = await queue.add('backup.restore', restorePayload({ backup_id: 'other' }));
      await queue.add('backup.restore', restorePayload({ backup_id: 'another' }));
      asked.open();
      expect(await seen.promise).toEqual([restore.id]);
      expect((await ended(queue, verify.id)).state).toBe('completed');
    });

    it('knows which jobs concern a backup', async () => {
      const queue = current().queue();
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
      await current().workers();
      await Promise.all([ended(queue, create.id), ended(queue, restore.id)]);
      expect(await queue.activeFor(made)).toEqual([]);
    });
  });
}
