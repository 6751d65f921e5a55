import { DomainError } from '@pawvault/contracts';
import { join } from 'node:path';
import { startJavascriptServer } from './javascript-server';
import type { Notices } from './notices';
import { findServerBinary } from './server-binary';
import type { ServerBinary } from './server-binary';
import { startServerProcess } from './server-process';
import { lockState } from './state-lock';

export type RedisKind = 'external' | 'redis-server' | 'valkey-server' | 'javascript';

export interface StartRedisOptions {
  stateDir: string;
  instanceId: string;
  /** A server of the user's own; nothing is started then. */
  redisUrl: string | null;
  /** Refuses the server in JavaScript, which forgets its jobs. */
  production: boolean;
  logger: Notices;
  /** Where server programs are looked for, in the form of PATH. */
  searchPath?: string;
}

export interface RunningRedis {
  /** Holds the password: never log it. */
  url: string;
  kind: RedisKind;
  /** Resolves when the server ended without being told to; stays pending otherwise. */
  lost: Promise<DomainError>;
  stop: () => Promise<void>;
}

const NEVER = new Promise<DomainError>(() => undefined);

export const IN_MEMORY_NOTICE =
  'There is no redis-server or valkey-server on the PATH, so jobs are kept in memory only: queued jobs and the list of finished ones are lost ' +
  'when PawVault stops. Backups are files and are not affected. Install redis-server or valkey-server, or set REDIS_URL, to keep jobs.';

/**
 * Brings up the Redis that PawVault works with: the user's own, else a private redis-server or valkey-server with its
 * data in `<stateDir>/<instanceId>/redis`, else a server in JavaScript.
 * @throws DomainError STATE_DIR_IN_USE, REDIS_UNAVAILABLE
 */
export async function startRedis(options: StartRedisOptions): Promise<RunningRedis> {
  if (options.redisUrl !== null) {
    return { url: options.redisUrl, kind: 'external', lost: NEVER, stop: () => Promise.resolve() };
  }
  const searchPath = options.searchPath ?? process.env['PATH'] ?? '';
  const binary = findServerBinary(searchPath);
  return binary === null ? startInMemory(options) : startPrivate(options, binary, searchPath);
}

async function startPrivate(
  options: StartRedisOptions,
  binary: ServerBinary,
  searchPath: string,
): Promise<RunningRedis> {
  const directory = join(options.stateDir, options.instanceId, 'redis');
  const unlock = await lockState(join(directory, 'lock'));
  try {
    const { url, lost, stop } = await startServerProcess(binary, directory, searchPath);
    options.logger.info(`Started a private ${binary.kind} with its data in ${directory}`);
    return { url, kind: binary.kind, lost, stop: () => stop().finally(unlock) };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function startInMemory({ production, logger }: StartRedisOptions): Promise<RunningRedis> {
  if (production) {
    throw new DomainError(
      'REDIS_UNAVAILABLE',
      'There is no redis-server or valkey-server on the PATH, and REDIS_URL is not set',
    );
  }
  const { url, stop } = await startJavascriptServer();
  logger.warn(IN_MEMORY_NOTICE);
  return { url, kind: 'javascript', lost: NEVER, stop };
}
