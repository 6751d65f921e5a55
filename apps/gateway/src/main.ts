import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type Config, loadConfig } from '@pawvault/config';
import { DomainError } from '@pawvault/contracts';
import { openJobQueue } from '@pawvault/queue';
import { AuditLog, DownloadKey, openQuarantine, openStore } from '@pawvault/store';
import { openTracing } from '@pawvault/tracing';
import { pino } from 'pino';
import { type ConsoleFiles, loadConsole } from './console/console-files';
import { createGateway } from './create-gateway';
import { makeLogger } from './logging';

/** A download that is under way at shutdown has this long to finish. */
const DRAIN_MS = 5000;

async function start(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = makeLogger(config);
  const { backupDir } = config.directories;
  const onUntrusted = (error: DomainError): void => logger.warn({ err: error }, 'a record of PawVault is ignored');
  const store = openStore({ backupDir, limits: config.limits, onUntrusted });
  const redisUrl = redisUrlOf(config);
  const tracing = await openTracing(process.env, 'pawvault-gateway');
  const queue = openJobQueue({ redisUrl, instanceId: config.instanceId, traceparent: () => tracing.current() });
  const clock = (): Date => new Date();
  const auditLog = new AuditLog({ backupDir: config.directories.backupDir, clock });
  const quarantine = openQuarantine({ backupDir: config.directories.backupDir, clock });
  const console = consoleOr(() => logger.warn('the console was not built; only the API is served'));
  const downloadKey = new DownloadKey(config.directories.backupDir);
  const services = { config, store, queue, auditLog, quarantine, downloadKey, clock, console, tracing };
  const app = await createGateway(services, logger);
  // By exit code 0: raised again, as Nest does otherwise, the signal would count as a failure with who supervises this.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT', 'SIGHUP'], { useProcessExit: true });
  closeWithParent(app);
  await app.listen(config.port, config.host);
  const url = addressOf(app);
  logger.info({ url, docs: `${url}/api/docs` }, 'listening');
  process.send?.({ type: 'ready', url });
}

function redisUrlOf({ redisUrl }: Config): string {
  if (redisUrl !== null) return redisUrl;
  throw new DomainError(
    'CONFIG_INVALID',
    'REDIS_URL must be set for a gateway of its own; npm start brings a Redis along',
    { keys: ['REDIS_URL'] },
  );
}

/** The build puts the console beside the bundle of this program. */
function consoleOr(onMissing: () => void): ConsoleFiles | null {
  const files = loadConsole(resolve(__dirname, '../console'));
  if (files === null) onMissing();
  return files;
}

/** Who started this process as a child wants it to end with it. */
function closeWithParent(app: NestExpressApplication): void {
  const drain = (): void => void setTimeout(() => app.getHttpServer().closeAllConnections(), DRAIN_MS).unref();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, drain);
  process.once('disconnect', () => {
    drain();
    void app.close().finally(() => process.exit(0));
  });
}

function addressOf(app: NestExpressApplication): string {
  const { address, port } = app.getHttpServer().address() as AddressInfo;
  const name =
    { '::': '127.0.0.1', '0.0.0.0': '127.0.0.1' }[address] ?? (address.includes(':') ? `[${address}]` : address);
  return `http://${name}:${port}`;
}

start().catch((error: unknown) => {
  const expected = error instanceof DomainError;
  pino({ base: { app: 'gateway' } }).fatal(
    expected ? { code: error.code, details: error.details } : { err: error },
    expected ? error.message : 'the gateway could not start',
  );
  process.exitCode = 1;
  process.disconnect?.();
});
