import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type RunningRedis, startRedis } from '@pawvault/embedded-redis';
import { openJobQueue, type JobQueue } from '@pawvault/queue';
import { neutralEnvironment, noise, type SampleInstance, sampleInstance, tempDir } from '@pawvault/testing';

const REGISTER = resolve(__dirname, '../../../../tools/ts-register.cjs');
const PROGRAM = resolve(__dirname, '../main.ts');

const CHAT_BYTES = 64 << 20;
const LOG_MS = 10_000;

interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A worker as a real process, from its source. */
export interface WorkerProcess {
  child: ChildProcess;
  /** Resolves when it takes jobs. */
  ready: Promise<void>;
  exited: Promise<Ending>;
  /** The lines that it logged so far. */
  logs: () => Record<string, unknown>[];
  /** The first line with that message, which may be yet to come. */
  logged: (message: string) => Promise<Record<string, unknown>>;
  /** All that it wrote. */
  output: () => string;
}

/** A sample instance, a Redis, and workers before them. */
export class Bench {
  private readonly closers: (() => unknown)[] = [];

  private constructor(
    readonly instance: SampleInstance,
    readonly redis: RunningRedis,
    readonly queue: JobQueue,
  ) {
    this.closers.push(
      () => redis.stop(),
      () => instance.close(),
      () => queue.close(),
    );
  }

  static async open(): Promise<Bench> {
    const root = tempDir('worker');
    const instance = sampleInstance(join(root, 'instance'), { database: 'if-available' });
    writeLongChat(instance);
    const logger = { info: () => undefined, warn: () => undefined };
    const stateDir = join(root, 'state');
    const redis = await startRedis({ stateDir, instanceId: 'worker', redisUrl: null, production: false, logger });
    return new Bench(instance, redis, openJobQueue({ redisUrl: redis.url, instanceId: 'default' }));
  }

  worker(env: Record<string, string> = {}): WorkerProcess {
    const own = { ...this.instance.env, REDIS_URL: this.redis.url, QWENPAW_VERSION: '1.1.9', PAWVAULT_THREADS: '1' };
    const child = fork(PROGRAM, {
      env: { ...neutralEnvironment(process.env), ...own, ...env },
      execArgv: ['-r', REGISTER],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const worker = observe(child);
    this.closers.push(async () => {
      child.kill('SIGKILL');
      await worker.exited;
    });
    return worker;
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
  }
}

/** Takes one thread some seconds to compress, so that there is a backup in the making to act upon. */
function writeLongChat({ agents }: SampleInstance): void {
  const text = noise('chat', CHAT_BYTES / 2).toString('hex');
  writeFileSync(join(agents[0]?.workspaceDir ?? '', 'long-chat.jsonl'), text);
}

function observe(child: ChildProcess): WorkerProcess {
  let said = '';
  const keep = (chunk: Buffer): void => void (said += chunk.toString());
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  // Not 'close' of the child: that does not come once the parent has disconnected.
  const drained = [child.stdout, child.stderr].map((stream) => stream && once(stream, 'close'));
  const exited = Promise.all([once(child, 'exit'), ...drained]).then(([[code, signal]]) => ({ code, signal }));
  const ready = Promise.race([
    once(child, 'message').then(() => undefined),
    exited.then(() => Promise.reject(new Error(`The worker ended: ${said}`))),
  ]);
  ready.catch(() => undefined);
  const parse = (line: string) => JSON.parse(line) as Record<string, unknown>;
  const logs = (): Record<string, unknown>[] =>
    said
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map(parse);
  const logged = async (message: string): Promise<Record<string, unknown>> => {
    const signal = AbortSignal.timeout(LOG_MS);
    for (;;) {
      const line = logs().find(({ msg }) => msg === message);
      if (line !== undefined) return line;
      if (child.stdout !== null) await once(child.stdout, 'data', { signal });
    }
  };
  return { child, ready, exited, logs, logged, output: () => said };
}
