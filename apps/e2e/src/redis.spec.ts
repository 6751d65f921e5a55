import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRedis } from '@pawvault/embedded-redis';
import { descendantsOf, sampleInstance, tempDir } from '@pawvault/testing';
import { Redis } from 'ioredis';
import { placeOf } from './spec-support/slow-instance';
import { startStack } from './spec-support/stack';

const silent = { info: () => undefined, warn: () => undefined };

/** Of processes that do not log to the terminal. */
function logsIn(root: string): string {
  const logs = join(root, 'state/default/logs');
  return (existsSync(logs) ? readdirSync(logs) : []).map((name) => readFileSync(join(logs, name), 'utf8')).join('');
}

describe('the Redis', () => {
  it('is one in JavaScript where none is installed, and says so', async () => {
    const root = tempDir('e2e');
    const instance = sampleInstance(root, { database: 'none' });
    const stack = await startStack(placeOf(root), { PATH: join(root, 'nothing') });
    expect(descendantsOf(stack.pid).filter(({ command }) => !command.includes('main.js'))).toEqual([]);
    expect(stack.output()).toContain('no redis-server or valkey-server on the PATH');
    const done = await stack.ended(await stack.startBackup());
    expect(done).toMatchObject({ state: 'completed', result: { omission_count: 1 } });
    instance.close();
  }, 60_000);

  it('is that of REDIS_URL, which is left running', async () => {
    const root = tempDir('e2e');
    const instance = sampleInstance(root, { database: 'none' });
    const own = await startRedis({
      stateDir: join(root, 'own-redis'),
      instanceId: 'external',
      redisUrl: null,
      production: true,
      logger: silent,
    });
    try {
      const stack = await startStack(placeOf(root), { REDIS_URL: own.url });
      expect(descendantsOf(stack.pid)).toHaveLength(2);
      const done = await stack.ended(await stack.startBackup());
      expect(done.state).toBe('completed');
      expect(await stack.stop()).toEqual({ code: 0, signal: null });
      const said = stack.output() + logsIn(root);
      expect(said).toContain(done.id);
      expect(said).not.toContain(new URL(own.url).password);
      const redis = new Redis(own.url);
      expect(await redis.keys('*')).toEqual(expect.arrayContaining([expect.stringContaining('pawvault-default')]));
      redis.disconnect();
    } finally {
      await own.stop();
      instance.close();
    }
  }, 60_000);
});
