import type { Redis } from 'ioredis';

/** Jobs of a queue lie in many keys that are changed together, which the nodes of a cluster refuse. */
export const CLUSTER_REFUSED =
  'REDIS_URL leads to a Redis Cluster, which cannot keep the queue: use a single server, or several behind Sentinel';

/** Whether the server is a node of a Redis Cluster. False where it does not tell. */
export async function isClusterNode(redis: Redis): Promise<boolean> {
  const info = await redis.info('cluster').catch(() => '');
  return /^cluster_enabled:1/m.test(info);
}
