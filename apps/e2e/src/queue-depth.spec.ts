import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startRedis } from '@pawvault/embedded-redis';
import { openJobQueue } from '@pawvault/queue';
import { tempDir } from '@pawvault/testing';
import { Redis } from 'ioredis';

const SCALING = resolve(__dirname, '../../../k8s/overlays/ha/worker-scaling.yaml');

it('what waits for a worker is counted by the list that the scaling in Kubernetes watches', async () => {
  const list = /listName: (\S+)/.exec(readFileSync(SCALING, 'utf8'))?.[1] ?? '';
  const logger = { info: () => undefined, warn: () => undefined };
  const stateDir = join(tempDir('e2e'), 'state');
  const server = await startRedis({ stateDir, instanceId: 'default', redisUrl: null, production: false, logger });
  const queue = openJobQueue({ redisUrl: server.url, instanceId: 'default' });
  const redis = new Redis(server.url);
  try {
    expect(await redis.llen(list)).toBe(0);
    for (const backup_id of ['one', 'two']) await queue.add('backup.verify', { backup_id });
    expect(await redis.llen(list)).toBe(2);
  } finally {
    redis.disconnect();
    await queue.close();
    await server.stop();
  }
});
