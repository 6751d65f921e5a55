import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Config, loadConfig } from '@pawvault/config';
import { DomainError } from '@pawvault/contracts';
import { createEngine } from '@pawvault/engine';
import { describeRedis, parseRedisUrl } from '@pawvault/queue';
import { openTracing } from '@pawvault/tracing';
import { Logger as NestLogger } from 'nestjs-pino';
import { pino } from 'pino';
import { startHealthServer } from './health-server';
import { JobRunner } from './job-runner';
import { makeLogger } from './logging';
import type { WorkerServices } from './services';
import { WorkerModule } from './worker.module';

async function start(): Promise<void> {
  const config = withRedis(loadConfig(process.env));
  const logger = makeLogger(config);
  const tracing = await openTracing(process.env, 'pawvault-worker');
  const services = { config, logger, tracing, engine: createEngine(config) };
  const app = await NestFactory.createApplicationContext(WorkerModule.with(services), {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(NestLogger));
  // By exit code 0: raised again, as Nest does otherwise, the signal would count as a failure with who supervises this.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT', 'SIGHUP'], { useProcessExit: true });
  closeWithParent(app);
  const runner = app.get(JobRunner);
  const health = await startHealth(config, runner);
  if (!(await runner.start())) return;
  logger.info({ ...describe(config), health }, 'taking jobs');
  process.send?.({ type: 'ready' });
}

async function startHealth({ workerHost: host, workerPort: port }: Config, runner: JobRunner): Promise<string | null> {
  if (port === null) return null;
  return startHealthServer({ host, port, isReady: () => runner.isReady(), metrics: runner.metrics });
}

function withRedis(config: Config): WorkerServices['config'] {
  const { redisUrl } = config;
  if (redisUrl !== null) return { ...config, redisUrl };
  throw new DomainError(
    'CONFIG_INVALID',
    'REDIS_URL must be set for a worker of its own; npm start brings a Redis along',
    { keys: ['REDIS_URL'] },
  );
}

/** What an operator wants to see first. Of the Redis only where it is: its address may hold a password. */
const describe = ({ directories, redisUrl, threads }: WorkerServices['config']): object => ({
  working_dir: directories.workingDir,
  secret_dir: directories.secretDir,
  backup_dir: directories.backupDir,
  redis: describeRedis(parseRedisUrl(redisUrl)),
  threads,
});

/** Who started this process as a child wants it to end with it. */
function closeWithParent(app: INestApplicationContext): void {
  process.once('disconnect', () => void app.close().finally(() => process.exit(0)));
}

start().catch((error: unknown) => {
  const expected = error instanceof DomainError;
  pino({ base: { app: 'worker' } }).fatal(
    expected ? { code: error.code, details: error.details } : { err: error },
    expected ? error.message : 'the worker could not start',
  );
  process.exit(1);
});
