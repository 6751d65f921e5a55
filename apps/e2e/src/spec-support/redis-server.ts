import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { tempDir } from '@pawvault/testing';
import { until } from './until';

/** A Redis of an operator: with its jobs in a file, as the deployments run it. It may die and come back at the same address. */
export class RedisServer {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly port: number,
    private readonly directory: string,
  ) {}

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), tempDir('own-redis'));
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Resolves when it has read its file and answers. */
  async start(): Promise<void> {
    const keeping = ['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction'];
    const where = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.directory];
    this.child = spawn('redis-server', [...where, ...keeping], { stdio: 'ignore' });
    const redis = new Redis(this.url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
    redis.on('error', () => undefined);
    const answers = (): Promise<boolean> =>
      redis
        .connect()
        .then(() => redis.ping())
        .then(
          () => true,
          () => false,
        );
    await until('Redis answers', answers);
    redis.disconnect();
  }

  /** All that it was ever told, as it keeps it. */
  written(): string {
    const files = readdirSync(this.directory, { recursive: true, encoding: 'utf8' });
    return files
      .filter((name) => name.endsWith('.aof'))
      .map((name) => readFileSync(join(this.directory, name), 'latin1'))
      .join('');
  }

  /** Without a chance to write anything. Resolves when it is gone. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
