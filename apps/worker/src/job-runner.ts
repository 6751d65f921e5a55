import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DomainError, type ErrorCode } from '@pawvault/contracts';
import { recoverInstance, removeLeftovers, resumeForgotten } from '@pawvault/engine';
import { type JobObserver, type StartingWorkers, startWorkers } from '@pawvault/queue';
import { AuditLog, removeOldPlans, removeStaleTemporaries } from '@pawvault/store';
import { makeHandlers } from './handlers';
import { auditJobEnd } from './job-audit';
import { JobMetrics } from './job-metrics';
import { inJobSpan, tellPhases } from './job-tracing';
import { CONFIG, ENGINE, LOGGER, TRACING, type WorkerServices } from './services';

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

const UNUSABLE_JOURNAL: ReadonlySet<ErrorCode> = new Set(['RESTORE_JOURNAL_UNREADABLE', 'RESTORE_JOURNAL_UNTRUSTED']);

/** Takes jobs from the moment it is started until the application shuts down. */
@Injectable()
export class JobRunner implements OnApplicationShutdown {
  readonly metrics = new JobMetrics();
  private sweeping: NodeJS.Timeout | undefined;
  private workers: StartingWorkers | null = null;
  private starting: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();

  constructor(
    @Inject(CONFIG) private readonly config: WorkerServices['config'],
    @Inject(ENGINE) private readonly engine: WorkerServices['engine'],
    @Inject(LOGGER) private readonly logger: WorkerServices['logger'],
    @Inject(TRACING) private readonly tracing: WorkerServices['tracing'],
  ) {}

  /**
   * Cleans up after crashed runs first, so that no job meets their remains. Resolves when jobs are taken.
   * @returns false when it was told to stop before it came so far
   * @throws what stood against recovering the instance: no job may be taken over one that is half restored
   */
  async start(): Promise<boolean> {
    this.starting = this.takeJobs();
    try {
      await this.starting;
      return true;
    } catch (error) {
      if (this.stopping.signal.aborted) return false;
      throw error;
    }
  }

  private async takeJobs(): Promise<void> {
    const { redisUrl, instanceId, directories } = this.config;
    const removed = await removeLeftovers(directories.backupDir);
    if (removed.length > 0) this.logger.info({ removed }, 'removed what crashed runs left behind');
    await this.sweepQuarantine();
    this.sweeping = setInterval(() => void this.sweepQuarantine(), SWEEP_MS).unref();
    await this.recover();
    await this.wakeForgotten();
    this.stopping.signal.throwIfAborted();
    this.workers = startWorkers({
      redisUrl,
      instanceId,
      handlers: tellPhases(makeHandlers(this.engine, this.config), this.tracing),
      around: inJobSpan(this.tracing),
      observer: this.observer(),
      concurrency: { parallel: PARALLEL_JOBS },
      logger: this.logger,
    });
    await this.workers.started;
  }

  /** Failing to tidy up stops nobody from working. */
  private async sweepQuarantine(): Promise<void> {
    try {
      const removed = await this.engine.quarantine.removeExpired();
      if (removed.length > 0) this.logger.info({ removed }, 'removed imports that nobody has decided about');
      const { backupDir } = this.config.directories;
      await removeStaleTemporaries(backupDir, this.engine.clock());
      await removeOldPlans(backupDir, this.engine.clock());
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

  /**
   * A journal that is not ours, or cannot be read, is looked at by a person. Until then every backup and restore is refused by the same check,
   * and all other work goes on: a program that plants a file must not be able to stop the service.
   */
  private async recover(): Promise<void> {
    const recovery = await this.recoverWhenFree().catch((error: unknown) => {
      if (!(error instanceof DomainError) || !UNUSABLE_JOURNAL.has(error.code)) throw error;
      this.logger.error(
        { code: error.code, details: error.details },
        `${error.message}; backups and restores are refused`,
      );
      return { outcome: 'none' as const };
    });
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
    // A recovery that is under way is in one piece sooner than this; one that is cut off is taken up by the next start.
    await Promise.race([this.starting.catch(() => undefined), delay(GRACE_MS, undefined, { ref: false })]);
    await this.engine.close();
    await this.tracing.close();
  }
}
