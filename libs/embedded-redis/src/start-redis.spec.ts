import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { IN_MEMORY_NOTICE, startRedis } from './index';
import type { RunningRedis } from './index';
import { findProgram, findServerBinary } from './server-binary';
import { eventually } from './spec-support/bounded';

const PATH = process.env['PATH'] ?? '';
const REGISTER = resolve(__dirname, '../../../tools/ts-register.cjs');
const PROGRAM = resolve(__dirname, 'spec-support/start-and-report.ts');

let stateDir: string;
let notices: string[];
const cleanups: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'pawvault-redis-'));
  notices = [];
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(stateDir, { recursive: true });
});

async function start(options: Partial<Parameters<typeof startRedis>[0]> = {}): Promise<RunningRedis> {
  const keep = (message: string): void => void notices.push(message);
  const logger = { info: keep, warn: keep };
  const redis = await startRedis({
    stateDir,
    instanceId: 'default',
    redisUrl: null,
    production: false,
    logger,
    ...options,
  });
  cleanups.push(() => redis.stop());
  return redis;
}

async function withClient<T>(url: string, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { retryStrategy: () => null, lazyConnect: true, enableReadyCheck: false });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    // Disconnecting a connection that has ended leaves a timer of two seconds behind.
    if (client.status !== 'end') client.disconnect();
  }
}

const answers = (url: string) =>
  withClient(url, (client) => client.ping()).then(
    () => true,
    () => false,
  );
const withoutPassword = (url: string): string => url.replace(/:[^@/]+@/, '');

/** True when something listens on the port at an address of this machine that others can reach. */
async function reachableFromOutside(url: string): Promise<boolean> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const open = addresses
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(
      ({ address }) =>
        new Promise<boolean>((found) => {
          const socket = createConnection({ port: Number(new URL(url).port), host: address });
          socket.once('connect', () => found(true)).once('error', () => found(false));
          socket.once('connect', () => socket.destroy());
        }),
    );
  return (await Promise.all(open)).includes(true);
}

it('uses the server that the user names', async () => {
  expect(await start({ redisUrl: 'redis://elsewhere:6379', production: true })).toMatchObject({
    kind: 'external',
    url: 'redis://elsewhere:6379',
  });
  expect(notices).toEqual([]);
});

describe('with a server program on the PATH', () => {
  it('answers only to the password, and only on loopback', async () => {
    const { url, kind } = await start({ production: true });
    expect(kind).toBe(findServerBinary(PATH)?.kind);
    expect(await answers(url)).toBe(true);
    await expect(withClient(withoutPassword(url), (client) => client.ping())).rejects.toThrow(/NOAUTH/);
    expect(await reachableFromOutside(url)).toBe(false);
  });

  it('never evicts and logs every write', async () => {
    const { url } = await start();
    const settings = await withClient(
      url,
      (client) => client.config('GET', 'maxmemory-policy', 'appendonly', 'save') as Promise<string[]>,
    );
    expect(settings).toEqual(
      expect.arrayContaining(['maxmemory-policy', 'noeviction', 'appendonly', 'yes', 'save', '']),
    );
  });

  it('keeps its data for this user alone, and keeps the password off the command line', async () => {
    const { url } = await start();
    expect((await stat(join(stateDir, 'default', 'redis', 'data'))).mode & 0o777).toBe(0o700);
    const record: unknown = JSON.parse(await readFile(join(stateDir, 'default', 'redis', 'server.pid'), 'utf8'));
    const { pid } = record as { pid: number };
    expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(new URL(url).password);
  });

  it('has its data again after a restart', async () => {
    const first = await start();
    await withClient(first.url, (client) => client.set('paw', '猫'));
    await first.stop();
    const second = await start();
    expect(await withClient(second.url, (client) => client.get('paw'))).toBe('猫');
  });

  it('is not started twice over the same data', async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({ code: 'STATE_DIR_IN_USE', details: { pid: process.pid } });
    expect(await answers(first.url)).toBe(true);
    const other = await start({ instanceId: 'second' });
    expect(other.url).not.toBe(first.url);
  });

  it('tells when the server is lost', async () => {
    const { url, lost } = await start();
    await withClient(url, (client) => client.shutdown('NOSAVE')).catch(() => undefined);
    expect(await lost).toMatchObject({ code: 'REDIS_UNAVAILABLE' });
  });

  it('says why the server did not start', async () => {
    const data = join(stateDir, 'default', 'redis', 'data', 'appendonlydir');
    await mkdir(data, { recursive: true });
    await writeFile(join(data, 'appendonly.aof.manifest'), 'nonsense\n');
    await expect(start()).rejects.toMatchObject({
      code: 'REDIS_UNAVAILABLE',
      message: expect.stringMatching(/manifest/i) as string,
    });
    await rm(data, { recursive: true });
    expect(await answers((await start()).url)).toBe(true);
  });
});

describe('when PawVault is killed', () => {
  async function killed(searchPath: string): Promise<string> {
    const child: ChildProcess = fork(PROGRAM, [stateDir, searchPath], { execArgv: ['-r', REGISTER] });
    const [url] = (await once(child, 'message')) as [string];
    expect(await answers(url)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    return url;
  }

  /** A search path with the server and nothing that could bind it to the life of its parent. */
  async function pathWithServerOnly(): Promise<string> {
    const programs = join(stateDir, 'bin');
    await mkdir(programs);
    const binary = findServerBinary(PATH);
    await symlink(binary?.path ?? '', join(programs, binary?.kind ?? ''));
    return programs;
  }

  it('the server ends with it where the kernel can see to that', async () => {
    expect(findProgram('setpriv', PATH)).not.toBeNull();
    const url = await killed(PATH);
    await eventually(async () => !(await answers(url)));
    expect(await answers((await start()).url)).toBe(true);
  });

  it('the next start ends an orphan before it opens the data', async () => {
    const url = await killed(await pathWithServerOnly());
    expect(await answers(url)).toBe(true);
    await withClient(url, (client) => client.set('paw', 'orphaned'));
    const next = await start();
    expect(await answers(url)).toBe(false);
    expect(await withClient(next.url, (client) => client.get('paw'))).toBe('orphaned');
  });

  it('the next start leaves a foreign process with the pid of the orphan alone', async () => {
    const directory = join(stateDir, 'default', 'redis');
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'server.pid'), JSON.stringify({ pid: process.pid, identity: 'an earlier boot' }));
    const { url } = await start();
    expect(await answers(url)).toBe(true);
  });
});

describe('without a server program', () => {
  it('runs the server in JavaScript, on loopback and behind a password, and says so', async () => {
    const { url, kind } = await start({ searchPath: '' });
    expect(kind).toBe('javascript');
    expect(notices).toEqual([IN_MEMORY_NOTICE]);
    expect(await withClient(url, async (client) => [await client.set('paw', '猫'), await client.get('paw')])).toEqual([
      'OK',
      '猫',
    ]);
    await expect(withClient(withoutPassword(url), (client) => client.ping())).rejects.toThrow(/NOAUTH/);
    expect(await reachableFromOutside(url)).toBe(false);
  });

  it('stops while clients are connected', async () => {
    const redis = await start({ searchPath: '' });
    const client = new Redis(redis.url, { retryStrategy: () => null });
    await client.ping();
    const ended = once(client, 'end');
    await redis.stop();
    await ended;
    expect(await answers(redis.url)).toBe(false);
  });

  it('is refused in production', async () => {
    await expect(start({ searchPath: '', production: true })).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
  });
});
