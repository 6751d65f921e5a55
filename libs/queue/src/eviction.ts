import type { Redis } from 'ioredis';

/** Under any other policy Redis deletes jobs when its memory is full. */
const SAFE = 'noeviction';

/** The eviction policy where it endangers jobs; null when all is well or the server does not tell. */
export async function evictionRisk(redis: Redis): Promise<string | null> {
  const info = await redis.info('memory').catch(() => '');
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  return policy === undefined || policy === SAFE ? null : policy;
}
