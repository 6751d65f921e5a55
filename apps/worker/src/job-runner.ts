import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { removeLeftovers } from '@pawvault/engine';
import { type RunningWorkers, runWorkers } from '@pawvault/queue';
import { makeHandlers } from './handlers';
import { CONFIG, ENGINE, LOGGER, type WorkerServices } from './services';

/** Verifications and the like that one worker does at a time; each may use all threads of the pool. */
const PARALLEL_JOBS = 2;
/** Every verb stops within two seconds of being told to. */
const GRACE_MS = 5000;

/** Takes jobs from the moment it is started until the application shuts down. */
@Injectable()
export class JobRunner implements OnApplicationShutdown {
  private workers: RunningWorkers | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: WorkerServices['config'],
    @Inject(ENGINE) private readonly engine: WorkerServices['engine'],
    @Inject(LOGGER) private readonly logger: WorkerServices['logger'],
  ) {}

  /** Cleans up after crashed runs first, so that no job meets their remains. Resolves when jobs are taken. */
  async start(): Promise<void> {
    const { redisUrl, instanceId, directories } = this.config;
    const removed = await removeLeftovers(directories.backupDir);
    if (removed.length > 0) this.logger.info({ removed }, 'removed what crashed runs left behind');
    this.workers = await runWorkers({
      redisUrl,
      instanceId,
      handlers: makeHandlers(this.engine),
      concurrency: { parallel: PARALLEL_JOBS },
      logger: this.logger,
    });
  }

  /** Takes jobs, and could finish them. */
  isReady(): boolean {
    return this.workers?.isReady() ?? false;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.workers?.close(GRACE_MS);
    await this.engine.close();
  }
}
