import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DomainError } from '@pawvault/contracts';
import { recoverInstance, removeLeftovers, resumeForgotten } from '@pawvault/engine';
import { type JobObserver, type RunningWorkers, runWorkers } from '@pawvault/queue';
import { AuditLog, removeStaleTemporaries } from '@pawvault/store';
import { makeHandlers } from './handlers';
import { auditJobEnd } from './job-audit';
import { JobMetrics } from './job-metrics';
import { CONFIG, ENGINE, LOGGER, type WorkerServices } from './services';

/** Verifications and the like that one worker does at a time; each may use all threads of the pool. */
const PARALLEL_JOBS = 2;
/** How often imports that have expired are looked for. */
const SWEEP_MS = 10 * 60 * 1000;
/** Every verb stops within two seconds of being told to. */
const GRACE_MS = 5000;
/** After that a worker that starts says what it is waiting for, and waits on. */
const LOCK_MS = 2000;
/** The first job does not wait longer for an API server that does not answer. */
const WAKE_MS = 30_000;

/** Takes jobs from the moment it is started until the application shuts down. */
@Injectable()
export class JobRunner implements OnApplicationShutdown {
  readonly metrics = new JobMetrics();
  private sweeping: NodeJS.Timeout | undefined;
  private workers: RunningWorkers | null = null;
  private readonly stopping = new AbortController();

  constructor(
    @Inject(CONFIG) private readonly config: WorkerServices['config'],
    @Inject(ENGINE) private readonly engine: WorkerServices['engine'],
    @Inject(LOGGER) private readonly logger: WorkerServices['logger'],
  ) {}

  /**
   * Cleans up after crashed runs first, so that no job meets their remains. Resolves when jobs are taken.
   * @throws what stood against recovering the instance: no job may be taken over one that is half restored
   */
  async start(): Promise<void> {
    const { redisUrl, instanceId, directories } = this.config;
    const removed = await removeLeftovers(directories.backupDir);
    if (removed.length > 0) this.logger.info({ removed }, 'removed what crashed runs left behind');
    await this.sweepQuarantine();
    this.sweeping = setInterval(() => void this.sweepQuarantine(), SWEEP_MS).unref();
    await this.recover();
    await this.wakeForgotten();
    this.workers = await runWorkers({
      redisUrl,
      instanceId,
      handlers: makeHandlers(this.engine, this.config),
      observer: this.observer(),
      concurrency: { parallel: PARALLEL_JOBS },
      logger: this.logger,
    });
  }

  /** Failing to tidy up stops nobody from working. */
  private async sweepQuarantine(): Promise<void> {
    try {
      const removed = await this.engine.quarantine.removeExpired();
      if (removed.length > 0) this.logger.info({ removed }, 'removed imports that nobody has decided about');
      await removeStaleTemporaries(this.config.directories.backupDir, this.engine.clock());
    } catch (error) {
      this.logger.warn({ err: error }, 'the quarantine could not be tidied up');
    }
  }

  private observer(): JobObserver {
    const log = new AuditLog({ backupDir: this.config.directories.backupDir, clock: this.engine.clock });
    return {
      ended: (end) => {
        this.metrics.ended(end);
        return auditJobEnd(end, { log, logger: this.logger });
      },
      stalled: () => this.metrics.stalled(),
    };
  }

  private async recover(): Promise<void> {
    const recovery = await this.recoverWhenFree();
    if (recovery.outcome === 'none') return;
    const { journal, ...outcome } = recovery;
    this.logger.warn({ ...outcome, job_id: journal.note['job_id'] }, 'recovered from an interrupted restore');
  }

  /** A worker that is added while another one restores finds that one's journal, and has to wait until it is through. */
  private async recoverWhenFree(): ReturnType<typeof recoverInstance> {
    for (let told = false; ; told = true) {
      try {
        return await recoverInstance(this.engine, this.stopping.signal, { lockMs: LOCK_MS });
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'restore_target_busy') throw error;
        if (!told) this.logger.info('another restore holds the instance; no job is taken until it has ended');
      }
    }
  }

  /** A worker that died during a restore may have left QwenPaw asleep. Failing to wake it is no reason to take no jobs: each restore tries again. */
  private async wakeForgotten(): Promise<void> {
    const { quiesce, quiesceMs, directories } = this.config;
    const timeoutMs = Math.min(quiesceMs, WAKE_MS);
    const rest = { backupDir: directories.backupDir, timeoutMs, signal: this.stopping.signal };
    const reason = await resumeForgotten(quiesce, rest);
    if (reason !== null) this.logger.error({ reason }, 'QwenPaw could not be woken after an interrupted restore');
  }

  /** Takes jobs, and could finish them. */
  isReady(): boolean {
    return this.workers?.isReady() ?? false;
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    clearInterval(this.sweeping);
    await this.workers?.close(GRACE_MS);
    await this.engine.close();
  }
}
