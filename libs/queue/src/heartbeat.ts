import type { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { heartbeatKey } from './names';

const MISSED_BEATS = 4;

/** Milliseconds of the server's clock: those of gateway and worker may differ. */
async function serverTime(redis: Redis): Promise<number> {
  const [seconds = 0, microseconds = 0] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}

/** True when a worker of the instance gave a sign of life within the last few beats. */
export async function anyWorkerAlive(redis: Redis, instanceId: string, intervalMs: number): Promise<boolean> {
  const since = (await serverTime(redis)) - MISSED_BEATS * intervalMs;
  return (await redis.zcount(heartbeatKey(instanceId), since, '+inf')) > 0;
}

/** Gives a sign of life now and then; resolves after the first. @returns stops it and signs off */
export async function startHeartbeat(
  redis: Redis,
  instanceId: string,
  intervalMs: number,
): Promise<() => Promise<void>> {
  const key = heartbeatKey(instanceId);
  const worker = randomUUID();
  const beat = async (): Promise<void> => {
    const now = await serverTime(redis);
    await redis
      .multi()
      .zadd(key, now, worker)
      .zremrangebyscore(key, '-inf', now - 10 * MISSED_BEATS * intervalMs)
      .exec();
  };
  await beat();
  const timer = setInterval(() => void beat().catch(() => undefined), intervalMs);
  return async () => {
    clearInterval(timer);
    await redis.zrem(key, worker);
  };
}
