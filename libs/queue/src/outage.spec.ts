import { startRedis } from '@pawvault/embedded-redis';
import type { RunningRedis } from '@pawvault/embedded-redis';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJobQueue } from './index';
import type { JobQueue } from './index';
import { Bench, ended } from './spec-support/bench';
import { FlakyLink } from './spec-support/flaky-link';
import { silentNotices } from './spec-support/notices';
import { createPayload, createResult } from './spec-support/samples';
import { aborted, gate } from './spec-support/signals';

let redis: RunningRedis;
let stateDir: string;
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'pawvault-queue-'));
  redis = await startRedis({
    stateDir,
    instanceId: 'outage',
    redisUrl: null,
    production: true,
    logger: silentNotices,
  });
});
afterAll(async () => {
  await redis.stop();
  await rm(stateDir, { recursive: true });
});

const id = 'e-00000000-0000-4000-8000-000000000000';
const EVERYTHING: [string, (queue: JobQueue) => Promise<unknown>][] = [
  ['add', (queue) => queue.add('backup.create', createPayload())],
  ['get', (queue) => queue.get(id)],
  ['list', (queue) => queue.list({ limit: 5 })],
  ['cancel', (queue) => queue.cancel(id)],
  ['waitFor', (queue) => queue.waitFor(id, { timeoutMs: 10_000 })],
  ['ask', (queue) => queue.ask('instance.inspect', {}, { timeoutMs: 10_000 })],
  ['activeFor', (queue) => queue.activeFor('x')],
  ['workerAlive', (queue) => queue.workerAlive()],
  ['ping', (queue) => queue.ping(2000)],
];

/** Every method at once; how each ended and that none took longer than a request may. */
async function failuresOf(queue: JobQueue): Promise<string[]> {
  const start = performance.now();
  const codes = await Promise.all(
    EVERYTHING.map(([, call]) =>
      call(queue).then(
        () => 'answered',
        (error: { code: string }) => error.code,
      ),
    ),
  );
  expect(performance.now() - start).toBeLessThan(3000);
  return codes;
}

const allUnavailable = EVERYTHING.map(() => 'QUEUE_UNAVAILABLE');

it('nothing hangs when nobody listens', async () => {
  const queue = openJobQueue({ redisUrl: 'redis://127.0.0.1:1', instanceId: 'none' });
  expect(await failuresOf(queue)).toEqual(allUnavailable);
  await queue.close();
});

it('nothing hangs when the server accepts and never answers', async () => {
  const mute = createServer((socket) => void socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const queue = openJobQueue({
    redisUrl: `redis://127.0.0.1:${(mute.address() as AddressInfo).port}`,
    instanceId: 'none',
  });
  expect(await failuresOf(queue)).toEqual(allUnavailable);
  await queue.close();
  const closed = once(mute, 'close');
  mute.close();
  await closed;
});

describe('through a link that breaks', () => {
  let link: FlakyLink;
  let bench: Bench;
  beforeEach(async () => {
    link = new FlakyLink(redis.url);
    await link.mend();
    bench = new Bench(link.url);
  });
  afterEach(async () => {
    await link.cut();
    await link.mend();
    await bench.close();
    await link.cut();
  });

  it('a producer that came before the server works once it is there', async () => {
    await link.cut();
    const queue = bench.queue();
    await expect(queue.ping(300)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    await link.mend();
    expect((await queue.add('backup.create', createPayload())).state).toBe('queued');
  });

  it('what was refused during an outage does not happen after it', async () => {
    const queue = bench.queue();
    const before = await queue.add('backup.create', createPayload());
    await link.cut();
    expect(await failuresOf(queue)).toEqual(allUnavailable);
    await link.mend();
    expect((await queue.list({ limit: 5 })).jobs.map((job) => job.id)).toEqual([before.id]);
  });

  it('a job outlives a short outage without a second run', async () => {
    const started = gate();
    const finish = gate();
    let runs = 0;
    await bench.workers({
      'backup.create': async (payload) => {
        runs += 1;
        started.open();
        await finish.promise;
        return createResult(payload);
      },
    });
    const queue = bench.queue();
    const job = await queue.add('backup.create', createPayload());
    await started.promise;
    await link.cut();
    finish.open();
    await link.mend();
    expect((await ended(queue, job.id)).state).toBe('completed');
    expect(runs).toBe(1);
  });

  it('a run whose lock ran out is aborted at once, and the next begins only after it has ended', async () => {
    const started = gate();
    const firstEnded = gate();
    let running = 0;
    let most = 0;
    let runs = 0;
    await bench.workers({
      'backup.create': async (payload, { signal }) => {
        runs += 1;
        most = Math.max(most, (running += 1));
        started.open();
        try {
          return runs === 1 ? await aborted(signal) : createResult(payload);
        } finally {
          running -= 1;
          firstEnded.open();
        }
      },
    });
    const queue = bench.queue();
    const job = await queue.add('backup.create', createPayload());
    await started.promise;
    await link.cut();
    await firstEnded.promise;
    await link.mend();
    expect(await ended(queue, job.id)).toMatchObject({ state: 'completed' });
    expect({ runs, most }).toEqual({ runs: 2, most: 1 });
  });

  it('workers that start before the server wait for it', async () => {
    await link.cut();
    const starting = bench.workers();
    await link.mend();
    await starting;
    expect(await bench.queue().workerAlive()).toBe(true);
  });
});
