import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findProgram } from '@pawvault/embedded-redis';
import { tempDir } from '@pawvault/testing';
import { Redis } from 'ioredis';
import { Bench } from './spec-support/bench';
import { connectRedis } from './redis-client';
import { evictionRisk } from './eviction';
import { openJobQueue } from './job-queue';
import { runWorkers } from './run-workers';
import { createPayload, handlersWith, silent } from './spec-support/samples';

const PROGRAM = findProgram('redis-server', process.env['PATH'] ?? '');
const PATIENCE_MS = 20_000;

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null) continue;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A server as a process; resolves when it answers. */
async function server(lines: string[], options: string[] = []): Promise<number> {
  const port = await freePort();
  const directory = tempDir('redis');
  const file = join(directory, 'server.conf');
  writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${directory}`, ...lines].join('\n'));
  const child = spawn(PROGRAM ?? 'redis-server', [file, ...options], { stdio: 'ignore' });
  running.push(child);
  await until(port, (redis) => redis.ping().catch((error: Error) => error.message.startsWith('NOAUTH')));
  return port;
}

/** Asks a server again and again until it answers as hoped. */
async function until(port: number, ask: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  const deadline = AbortSignal.timeout(PATIENCE_MS);
  try {
    while (!(await ask(redis).catch(() => false))) deadline.throwIfAborted();
  } finally {
    redis.disconnect();
  }
}

async function runsJobs(url: string): Promise<void> {
  const bench = new Bench(url);
  try {
    const queue = bench.queue();
    await bench.workers();
    const exclusive = await queue.add('backup.verify', { backup_id: 'one' });
    expect(await queue.waitFor(exclusive.id, { timeoutMs: PATIENCE_MS })).toMatchObject({ state: 'completed' });
    expect(await queue.workerAlive()).toBe(true);
    expect((await queue.list({ limit: 10 })).jobs).toHaveLength(1);
  } finally {
    await bench.close();
  }
}

it('jobs run on the master that sentinels name, with a password', async () => {
  const master = await server(['requirepass paw-secret']);
  const sentinel = await server(
    [`sentinel monitor main 127.0.0.1 ${master} 1`, 'sentinel auth-pass main paw-secret'],
    ['--sentinel'],
  );
  await until(sentinel, async (redis) => (await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main')) !== null);
  await runsJobs(`redis+sentinel://:paw-secret@127.0.0.1:${sentinel}/main`);
});

it('a server that may evict keys is warned of', async () => {
  const port = await server(['maxmemory 50mb', 'maxmemory-policy allkeys-lru']);
  const url = `redis://127.0.0.1:${port}`;
  const redis = connectRedis(url, { maxRetriesPerRequest: null, enableOfflineQueue: true, retryAfter: () => 50 });
  expect(await evictionRisk(redis)).toBe('allkeys-lru');
  redis.disconnect();
  const warnings: object[] = [];
  const logger = { ...silent, warn: (fields: object) => void warnings.push(fields) };
  const options = { redisUrl: url, instanceId: 'evict', handlers: handlersWith({}), concurrency: { parallel: 1 } };
  const workers = await runWorkers({ ...options, logger });
  await workers.close(0);
  expect(warnings).toEqual([{ maxmemory_policy: 'allkeys-lru' }]);
});

it('a Redis Cluster is refused with the reason, instead of jobs that nobody ever runs', async () => {
  const redisUrl = `redis://127.0.0.1:${await server(['cluster-enabled yes'])}`;
  const queue = openJobQueue({ redisUrl, instanceId: 'cluster' });
  await expect(queue.add('backup.create', createPayload())).rejects.toMatchObject({
    code: 'QUEUE_UNAVAILABLE',
    message: expect.stringContaining('Redis Cluster'),
  });
  await queue.close();
  const options = { redisUrl, instanceId: 'cluster', handlers: handlersWith({}), concurrency: { parallel: 1 } };
  await expect(runWorkers({ ...options, logger: silent })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    details: { keys: ['REDIS_URL'] },
  });
});
