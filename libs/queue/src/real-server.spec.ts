import { findProgram, startRedis } from '@pawvault/embedded-redis';
import type { RunningRedis } from '@pawvault/embedded-redis';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queueBattery } from './spec-support/battery';
import { silentNotices } from './spec-support/notices';

const servers = ['redis-server', 'valkey-server'].flatMap((name) => {
  const program = findProgram(name, process.env['PATH'] ?? '');
  return program === null ? [] : [{ name, program }];
});

it('there is a real server on this machine to test with', () => {
  expect(servers.length).toBeGreaterThan(0);
});

for (const { name, program } of servers) {
  describe(`with ${name}`, () => {
    let redis: RunningRedis;
    let stateDir: string;
    beforeAll(async () => {
      stateDir = await mkdtemp(join(tmpdir(), 'pawvault-queue-'));
      const searchPath = join(stateDir, 'bin');
      await mkdir(searchPath);
      await symlink(program, join(searchPath, name));
      redis = await startRedis({
        stateDir,
        instanceId: 'queue',
        redisUrl: null,
        production: true,
        logger: silentNotices,
        searchPath,
      });
      expect(redis.kind).toBe(name);
    });
    afterAll(async () => {
      await redis.stop();
      await rm(stateDir, { recursive: true });
    });

    queueBattery(() => redis.url);
  });
}
