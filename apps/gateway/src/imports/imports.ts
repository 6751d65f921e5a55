import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '@pawvault/config';
import {
  DomainError,
  type ErrorCode,
  type ImportView,
  isErrorCode,
  type JobType,
  type TrustMode,
} from '@pawvault/contracts';
import { hasEnded, type JobQueue, newJobId } from '@pawvault/queue';
import { type ImportPosition, type ImportRecord, type Quarantine, toImportView } from '@pawvault/store';
import { PinoLogger } from 'nestjs-pino';
import type { Request } from '../http';
import { readCursor, writeCursor } from '../requests/cursor';
import type { PageQuery } from '../requests/page-query';
import { CONFIG, QUARANTINE, QUEUE } from '../services';
import type { ImportListDto } from './import.dto';
import { receiveForm, receiveUpload } from './receive-upload';
import type { UploadBounds } from './upload-file';

const PATIENCE_MS = 1000;
const RETRY_MS = 10_000;
const SWEEP_MS = 10 * 60 * 1000;

interface Decision {
  overwrite: boolean;
  trustMode: TrustMode | null;
}

/** What the gateway does with imports: takes them in, hands them to jobs, and passes decisions on. */
@Injectable()
export class Imports implements OnApplicationBootstrap, OnModuleDestroy {
  private again: NodeJS.Timeout | undefined;
  private sweeping: NodeJS.Timeout | undefined;
  /** Jobs that a record names already, and that are just being added. */
  private readonly handingOver = new Set<string>();

  constructor(
    @Inject(QUARANTINE) readonly quarantine: Quarantine,
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(CONFIG) private readonly config: Config,
    private readonly logger: PinoLogger,
  ) {}

  /** Redis may have been lost with the jobs of imports that are here: the files are the truth. */
  async onApplicationBootstrap(): Promise<void> {
    this.sweeping ??= setInterval(() => void this.removeStuck(), SWEEP_MS).unref();
    try {
      await this.quarantine.removeExpired();
      // Without an answer nobody knows which jobs there are.
      await this.queue.ping(PATIENCE_MS);
      for await (const record of this.quarantine.all()) if (!(await this.hasLiveJob(record))) await this.takeUp(record);
    } catch (error) {
      this.lookAfterLater(error);
    }
  }

  private lookAfterLater(error: unknown): void {
    this.logger.warn({ err: error }, 'imports that wait for their job are looked after once the queue answers');
    clearTimeout(this.again);
    this.again = setTimeout(() => void this.onApplicationBootstrap(), RETRY_MS).unref();
  }

  onModuleDestroy(): void {
    clearTimeout(this.again);
    clearInterval(this.sweeping);
  }

  /** Whose job has failed, or was lost, and whom nobody has cared about for a day. */
  async removeStuck(): Promise<void> {
    try {
      for await (const record of this.quarantine.stuck())
        if (!(await this.hasLiveJob(record))) await this.quarantine.remove(record.id);
    } catch (error) {
      this.logger.warn({ err: error }, 'imports that are stuck could not be removed');
    }
  }

  private async takeUp(record: ImportRecord): Promise<void> {
    const { id, state, publishing } = record;
    if (state === 'checking') await this.handOver(record);
    if (state !== 'accepting' || publishing === null) return;
    const decision = { overwrite: publishing.overwrite, trust_mode: null };
    await this.withNewJob('import.accept', async (jobId) => {
      await this.quarantine.update(id, { job_id: jobId });
      await this.queue.add('import.accept', { import_id: id, ...decision }, { jobId });
    });
  }

  /** Who looks between the record and its job must not take the job for lost. */
  private async withNewJob<T>(type: JobType, act: (jobId: string) => Promise<T>): Promise<T> {
    const jobId = newJobId(type);
    this.handingOver.add(jobId);
    try {
      return await act(jobId);
    } finally {
      this.handingOver.delete(jobId);
    }
  }

  /** @throws as {@link receiveUpload}, and QUEUE_UNAVAILABLE; then nothing stays */
  async receive(request: Request): Promise<ImportView> {
    return this.check(await receiveUpload(request, this.bounds()));
  }

  /** A form that may also hold no archive, but a field that points to one. @throws as {@link receive} */
  async receiveForm(request: Request): Promise<{ view: ImportView | null; fields: ReadonlyMap<string, string> }> {
    const { record, fields } = await receiveForm(request, this.bounds());
    return { view: record === null ? null : await this.check(record), fields };
  }

  /** Of an upload that somebody waits for: who is told that it failed sends it again, so nothing stays. */
  private async check(record: ImportRecord): Promise<ImportView> {
    try {
      return await this.handOver(record);
    } catch (error) {
      await this.quarantine.remove(record.id).catch(() => undefined);
      throw error;
    }
  }

  /** Of an upload in pieces, which may have taken a night: it is kept, and checked as soon as the queue answers. */
  async checkWhenPossible(record: ImportRecord): Promise<void> {
    await this.handOver(record).catch((error: unknown) => this.lookAfterLater(error));
  }

  /** To the job that checks it; from here on the record is the worker's to write. */
  private handOver({ id }: ImportRecord): Promise<ImportView> {
    return this.withNewJob('import.check', async (jobId) => {
      const record = await this.quarantine.update(id, { job_id: jobId });
      await this.queue.add('import.check', { import_id: id }, { jobId });
      return toImportView(record);
    });
  }

  /** Newest first. @throws DomainError VALIDATION_FAILED for a cursor of another list */
  async list({ limit, cursor }: PageQuery): Promise<ImportListDto> {
    const { records, next } = await this.quarantine.list({
      limit,
      after: cursor === undefined ? null : readPlace(cursor),
    });
    return {
      // One that was removed meanwhile is listed as it was.
      imports: await Promise.all(
        records.map(async (record) => toImportView(await this.withoutLostJob(record).catch(() => record))),
      ),
      next_cursor: next === null ? null : writeCursor([LIST, next.created_at, next.id]),
    };
  }

  /** Refuses at once what the job would be refused for. */
  async accept(id: string, decision: Decision): Promise<ImportView> {
    const record = await this.get(id);
    await this.assertDecidable(record, decision);
    return this.withNewJob('import.accept', (jobId) => this.decide({ id, jobId, ...decision }));
  }

  private async decide({
    id,
    jobId,
    overwrite,
    trustMode,
  }: Decision & { id: string; jobId: string }): Promise<ImportView> {
    const accepting = await this.quarantine.decide(id, jobId);
    try {
      await this.queue.add('import.accept', { import_id: id, overwrite, trust_mode: trustMode }, { jobId });
    } catch (error) {
      await this.quarantine.update(id, { state: 'needs_decision', expires_at: this.quarantine.expiry() });
      throw error;
    }
    return toImportView(accepting);
  }

  async get(id: string): Promise<ImportRecord> {
    return this.withoutLostJob(await this.quarantine.get(id));
  }

  /** An import whose acceptance was cancelled before a worker took it is to be decided again. */
  private async withoutLostJob(record: ImportRecord): Promise<ImportRecord> {
    const { id } = record;
    if (record.state !== 'accepting' || record.publishing !== null || (await this.hasLiveJob(record))) return record;
    const now = await this.quarantine.get(id);
    if (now.state !== 'accepting' || now.publishing !== null) return now;
    return this.quarantine.update(id, { state: 'needs_decision', expires_at: this.quarantine.expiry() });
  }

  /** Also of an acceptance whose job has failed half-way and left no word: else nobody could end it. */
  async discard(id: string): Promise<void> {
    const record = await this.quarantine.get(id);
    const { state, job_id } = record;
    if (state === 'accepting' && (await this.hasLiveJob(record)))
      throw new DomainError('IMPORT_NOT_DECIDABLE', undefined, { id, state });
    if (state === 'checking' && job_id !== null) await this.queue.cancel(job_id).catch(ignoreEnded);
    await this.quarantine.remove(id);
  }

  private async assertDecidable(
    { id, state, conflict, trust_needed: needed, report }: ImportRecord,
    { overwrite, trustMode }: Decision,
  ): Promise<void> {
    if (state !== 'needs_decision') throw new DomainError('IMPORT_NOT_DECIDABLE', undefined, { id, state });
    if (needed !== null && needed !== trustMode) throw new DomainError(signatureCode(report));
    if (conflict === null) return;
    if (!overwrite) throw new DomainError('BACKUP_EXISTS', undefined, { id: conflict.id });
    const [job] = await this.queue.activeFor(conflict.id);
    if (job !== undefined) throw new DomainError('BACKUP_IN_USE', undefined, { id: conflict.id, job_id: job.id });
  }

  private bounds(): UploadBounds {
    return { quarantine: this.quarantine, limits: { maxBytes: this.config.limits.maxUploadBytes } };
  }

  private async hasLiveJob({ job_id }: ImportRecord): Promise<boolean> {
    if (job_id === null) return false;
    if (this.handingOver.has(job_id)) return true;
    try {
      return !hasEnded(await this.queue.get(job_id));
    } catch (error) {
      // Who cannot ask must not conclude.
      return !(error instanceof DomainError && error.code === 'JOB_NOT_FOUND');
    }
  }
}

function signatureCode(report: ImportView['report']): ErrorCode {
  const code = report.find(({ name }) => name === 'signature')?.code ?? '';
  return isErrorCode(code) ? code : 'backup_signature_mismatch';
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof DomainError) || !['JOB_NOT_FOUND', 'JOB_FINISHED'].includes(error.code)) throw error;
}

const LIST = 'imports';

function readPlace(cursor: string): ImportPosition {
  const [, created_at = '', id = ''] = readCursor(cursor, { list: LIST, length: 3 });
  return { created_at, id };
}
