import type { CreatePayload } from '@pawvault/contracts';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { redisName } from '../../names';
import { type Bench, ended } from '../bench';
import { createPayload } from '../samples';

/** Payloads are checked at both ends. */
export function describePayloads(current: () => Bench): void {
  describe('a payload', () => {
    it('is refused by the producer', async () => {
      const bad = { ...createPayload(), secret: 'x' } as CreatePayload;
      await expect(current().queue().add('backup.create', bad)).rejects.toMatchObject({
        code: 'JOB_PAYLOAD_INVALID',
        details: { fields: ['secret'] },
      });
    });

    it('of another version is refused by the worker', async () => {
      await current().workers();
      const connection = new Redis(current().redisUrl, { maxRetriesPerRequest: null });
      const foreign = new Queue(redisName(current().instanceId, 'parallel'), { connection });
      const id = 'p-00000000-0000-4000-8000-000000000001';
      await foreign.add(
        'backup.verify',
        { payload: { backup_id: '../etc' }, cancelled_at: null },
        { jobId: id, attempts: 2 },
      );
      const error = { code: 'JOB_PAYLOAD_INVALID', details: { fields: ['backup_id'] } };
      expect(await ended(current().queue(), id)).toMatchObject({ state: 'failed', error });
      await foreign.close();
      connection.disconnect();
    });
  });
}
