import { join } from 'node:path';
import type { Config } from '@pawvault/config';
import type { RedisKind } from '@pawvault/embedded-redis';

const REDIS: Record<RedisKind, string> = {
  external: 'your own (REDIS_URL)',
  'redis-server': 'private redis-server',
  'valkey-server': 'private valkey-server',
  javascript: 'in memory',
};

/** What a user wants to know when PawVault is up. Secrets have no place here. */
export function banner(
  { directories, stateDir, instanceId }: Config,
  running: { url: string; redis: RedisKind },
): string {
  const lines = [
    '',
    'PawVault is running.',
    '',
    `  console    ${running.url}`,
    `  API docs   ${running.url}/api/docs`,
    `  instance   ${directories.workingDir}`,
    `  secrets    ${directories.secretDir}`,
    `  backups    ${directories.backupDir}`,
    `  queue      ${REDIS[running.redis]}`,
    `  logs       ${join(stateDir, instanceId, 'logs')}`,
    '',
    'Ctrl-C stops it.',
    '',
  ];
  return lines.join('\n');
}
