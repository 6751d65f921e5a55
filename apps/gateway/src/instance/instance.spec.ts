import { DomainError } from '@pawvault/contracts';
import { Bench } from '../spec-support/bench';
import { INSTANCE } from '../spec-support/handlers';

const URL = '/api/v1/instance';

describe('the instance', () => {
  let bench: Bench;
  beforeEach(async () => (bench = await Bench.open()));
  afterEach(() => bench.close());

  it('is what the worker sees, asked once for a while', async () => {
    let asked = 0;
    await bench.work({
      'instance.inspect': () => Promise.resolve({ ...INSTANCE, backup_dir_free_bytes: (asked += 1) }),
    });
    const replies = await Promise.all([bench.api.get(URL), bench.api.get(URL)]);
    expect(replies.map(({ status, body }) => [status, body.backup_dir_free_bytes])).toEqual([
      [200, 1],
      [200, 1],
    ]);
    expect((await bench.api.get(URL).expect(200)).body).toEqual({ ...INSTANCE, backup_dir_free_bytes: 1 });
    expect((await bench.api.get(URL).query({ refresh: 'true' })).body.backup_dir_free_bytes).toBe(2);
    await bench.api.get(URL).query({ refresh: 'maybe' }).expect(400);
    expect((await bench.queue.list({ limit: 10 })).jobs).toEqual([]);
  });

  it('cannot be told without a worker', async () => {
    const { body, headers } = await bench.api.get(URL).expect(503);
    expect(body.code).toBe('WORKER_UNAVAILABLE');
    expect(headers['retry-after']).toBe('2');
  });

  it('passes on what the worker found wrong, and asks again', async () => {
    let broken = true;
    await bench.work({
      'instance.inspect': () =>
        broken
          ? Promise.reject(new DomainError('INSTANCE_NOT_FOUND', undefined, { working_dir: '/w' }))
          : Promise.resolve(INSTANCE),
    });
    const { body } = await bench.api.get(URL).expect(404);
    expect(body).toMatchObject({ code: 'INSTANCE_NOT_FOUND', details: { working_dir: '/w' } });
    broken = false;
    await bench.api.get(URL).expect(200);
  });
});
