import type { JobView } from '@pawvault/contracts';
import { archivesIn, unfinishedIn } from './spec-support/backup-dir';
import { RedisServer } from './spec-support/redis-server';
import { slowInstance } from './spec-support/slow-instance';
import { type Stack, startStack } from './spec-support/stack';
import { until } from './spec-support/until';

const ROUNDS = process.env['PAWVAULT_LONG_TESTS'] === '1' ? 10 : 1;
/** Requests that are under way at a time. */
const CLIENTS = 8;
const ENOUGH = 24;
/** The queue remembers no more than 200 jobs that have ended. */
const MOST = 150;
const JOBS_MS = 120_000;

interface Burst {
  accepted: JobView[];
  /** Status and code of every request that was not. */
  refused: string[];
}

/** Clients that ask for one verification after the other, whatever the answer is, until they are told that it is enough. */
function startBurst({ client }: Stack, backupId: string): { seen: Burst; end: () => Promise<void> } {
  const seen: Burst = { accepted: [], refused: [] };
  let enough = false;
  const ask = async (): Promise<void> => {
    while (!enough && seen.accepted.length < MOST) {
      const response = await client.fetch(`/api/v1/backups/${backupId}/verify`, { method: 'POST' });
      const answer = (await response.json()) as JobView & { code?: string };
      if (response.status === 202) seen.accepted.push(answer);
      else seen.refused.push(`${response.status} ${answer.code}`);
    }
  };
  const clients = Array.from({ length: CLIENTS }, ask);
  const end = async (): Promise<void> => {
    enough = true;
    await Promise.all(clients);
  };
  return { seen, end };
}

const statusOf = async ({ client }: Stack, path: string): Promise<number> => {
  const response = await client.fetch(path);
  await response.arrayBuffer();
  return response.status;
};

/** Of the settings alone, so that a verification takes no time. */
async function smallBackup(stack: Stack): Promise<string> {
  const body = { name: 'Settings', mode: 'partial', scope: { include_global_config: true } };
  const { result } = await stack.ended(await stack.client.post<JobView<'backup.create'>>('/api/v1/backups', body));
  return result?.backup_id ?? '';
}

let redis: RedisServer;
beforeEach(async () => {
  redis = await RedisServer.start();
});
afterEach(() => redis.kill());

it(`a Redis that is killed under load and comes back loses no job that was accepted (${ROUNDS} times)`, async () => {
  const place = slowInstance({ letters: 6 });
  const stack = await startStack(place, { REDIS_URL: redis.url });
  const backupId = await smallBackup(stack);
  const accepted: JobView[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const backup = await stack.startBackup();
    const { seen, end } = startBurst(stack, backupId);
    await until('jobs are accepted', () => seen.accepted.length >= ENOUGH, 30_000);
    await redis.kill();
    await until('jobs are refused', () => seen.refused.length >= CLIENTS, 30_000);
    expect(await statusOf(stack, '/api/v1/backups')).toBe(200);
    expect(await statusOf(stack, '/api/v1/jobs')).toBe(503);
    expect(await statusOf(stack, '/health/ready')).toBe(503);
    expect(await statusOf(stack, '/health/live')).toBe(200);
    const before = seen.accepted.length;
    await redis.start();
    await until('jobs are accepted again', () => seen.accepted.length > before + CLIENTS, 30_000);
    await end();
    expect(new Set(seen.refused)).toEqual(new Set(['503 QUEUE_UNAVAILABLE']));
    accepted.push(backup, ...seen.accepted);
    for (const job of [backup, ...seen.accepted])
      expect(await stack.ended(job, JOBS_MS)).toMatchObject({ id: job.id, state: 'completed', error: null });
  }
  expect(new Set(accepted.map(({ id }) => id)).size).toBe(accepted.length);
  expect(archivesIn(place.backupDir)).toHaveLength(ROUNDS + 1);
  expect(unfinishedIn(place.backupDir)).toEqual([]);
}, 600_000);
