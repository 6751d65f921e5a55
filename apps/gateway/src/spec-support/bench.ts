import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadConfig } from '@pawvault/config';
import { type RunningRedis, startRedis } from '@pawvault/embedded-redis';
import { type Handlers, type JobQueue, openJobQueue, runWorkers } from '@pawvault/queue';
import { AuditLog, DownloadKey, openQuarantine, openStore, type Store } from '@pawvault/store';
import { qwenpawFixture, type QwenpawFixture, tempDir } from '@pawvault/testing';
import { NO_TRACING } from '@pawvault/tracing';
import { pino } from 'pino';
import supertest from 'supertest';
import type { ConsoleFiles } from '../console/console-files';
import { createGateway } from '../create-gateway';
import { handlersWith } from './handlers';

let shared: Promise<RunningRedis> | null = null;
let stateDir: string;
let benches = 0;

/** One Redis for the file of specs; every bench has queues of its own in it. */
export const sharedRedis = (): Promise<RunningRedis> => {
  const logger = { info: () => undefined, warn: () => undefined };
  const redisUrl = process.env['REDIS_URL'] ?? null;
  shared ??= startRedis({ stateDir, instanceId: 'gateway', redisUrl, production: false, logger });
  return shared;
};

beforeAll(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'pawvault-redis-'));
});

// Not a tempDir(): those are removed before this server has stopped.
afterAll(async () => {
  await (await shared)?.stop();
  rmSync(stateDir, { recursive: true });
});

export interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** A gateway that listens, before a backup directory of its own. */
export class Bench {
  readonly logs: Record<string, unknown>[] = [];
  private readonly time = { passed: 0 };
  private readonly closers: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly app: NestExpressApplication,
    readonly backupDir: string,
    readonly queue: JobQueue,
    readonly store: Store,
    readonly place: { redisUrl: string; instanceId: string },
  ) {}

  /** @param env `HOME` names a directory that another bench has, as of a second gateway beside it; otherwise it is one of its own */
  static async open(env: NodeJS.ProcessEnv = {}, console?: ConsoleFiles): Promise<Bench> {
    const root = env['HOME'] ?? tempDir('gateway');
    const redisUrl = env['REDIS_URL'] ?? (await sharedRedis()).url;
    const instanceId = `gateway-${process.pid}-${(benches += 1)}`;
    const config = loadConfig({
      HOME: root,
      QWENPAW_WORKING_DIR: join(root, 'working'),
      QWENPAW_BACKUP_DIR: join(root, 'backups'),
      REDIS_URL: redisUrl,
      PAWVAULT_INSTANCE_ID: instanceId,
      ...env,
    });
    const { backupDir } = config.directories;
    mkdirSync(backupDir, { recursive: true });
    const store = openStore({ backupDir, limits: config.limits });
    const queue = openJobQueue({ redisUrl, instanceId });
    const time = { passed: 0 };
    const clock = (): Date => new Date(Date.now() + time.passed);
    const lines: Record<string, unknown>[] = [];
    const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
    const app = await createGateway(
      {
        config,
        store,
        queue,
        auditLog: new AuditLog({ backupDir, clock }),
        quarantine: openQuarantine({ backupDir, clock }),
        downloadKey: new DownloadKey(backupDir),
        clock,
        console: console ?? null,
        tracing: NO_TRACING,
      },
      pino({ level: 'debug' }, { write }),
    );
    await app.listen(0, '127.0.0.1');
    const bench = new Bench(app, backupDir, queue, store, { redisUrl, instanceId });
    Object.assign(bench, { logs: lines, time });
    return bench;
  }

  get api(): ReturnType<typeof supertest> {
    return supertest(this.app.getHttpServer());
  }

  get port(): number {
    return (this.app.getHttpServer().address() as AddressInfo).port;
  }

  /** Copies an archive of QwenPaw into the backup directory. */
  add(fixture: QwenpawFixture, fileName: string = fixture): string {
    const path = join(this.backupDir, fileName);
    cpSync(qwenpawFixture(fixture), path);
    return path;
  }

  /** Adds it and tells its id. */
  async addBackup(fixture: QwenpawFixture): Promise<string> {
    this.add(fixture);
    const { backups } = await this.store.list();
    const added = backups.find(({ file_name }) => file_name === fixture);
    if (added === undefined) throw new Error(`${fixture} is not listed`);
    return added.id;
  }

  /** The clock of the gateway goes on. */
  letPass(milliseconds: number): void {
    this.time.passed += milliseconds;
  }

  async work(handlers: Partial<Handlers> = {}): Promise<void> {
    const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    const workers = await runWorkers({
      ...this.place,
      handlers: handlersWith(handlers),
      concurrency: { parallel: 2 },
      logger: silent,
    });
    this.closers.push(() => workers.close(0));
  }

  /** A request whose path is sent exactly as written, where a URL parser would tidy it up. */
  ask(
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const { method = 'GET', headers = {}, body } = options;
      const request = httpRequest(
        { host: '127.0.0.1', port: this.port, path, method, headers, agent: false },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.once('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) }),
          );
          response.once('error', reject);
        },
      );
      request.once('error', reject);
      request.end(body);
    });
  }

  /** Sends bytes that no HTTP library would. @returns all that came back */
  raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      const socket = connect(this.port, '127.0.0.1', () => socket.write(text, 'latin1'));
      socket.on('data', (piece) => pieces.push(piece));
      socket.once('close', () => resolve(Buffer.concat(pieces).toString('latin1')));
      socket.once('error', reject);
    });
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
    await this.app.close();
  }
}
