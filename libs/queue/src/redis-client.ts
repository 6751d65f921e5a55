import { Redis, type RedisOptions } from 'ioredis';
import { parseRedisUrl } from './redis-address';

export interface RedisBehaviour {
  /** null: a command waits through any outage. */
  maxRetriesPerRequest: number | null;
  enableOfflineQueue: boolean;
  /** Milliseconds; none when not set. */
  connectTimeout?: number;
  commandTimeout?: number;
  /** Milliseconds to wait before the n-th attempt to connect. */
  retryAfter: (attempt: number) => number;
}

/** Connects in the background, to a server or through sentinels, as the address says. @throws DomainError CONFIG_INVALID */
export function connectRedis(url: string, { retryAfter, ...behaviour }: RedisBehaviour): Redis {
  const { kind, tls, username, password, nodes, master, db } = parseRedisUrl(url);
  const credentials: RedisOptions = {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
  };
  const options: RedisOptions = { ...credentials, ...behaviour, db, retryStrategy: retryAfter };
  if (kind === 'single') return new Redis({ ...options, ...nodes[0] });
  return new Redis({
    ...options,
    sentinels: nodes,
    name: master,
    sentinelRetryStrategy: retryAfter,
    enableTLSForSentinelMode: tls,
    // Who fails over closes the old connections; a replica that was master a moment ago refuses writes.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
}
