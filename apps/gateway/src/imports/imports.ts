import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Config } from '@pawvault/config';
import { DomainError, type ErrorCode, type ImportView, isErrorCode, type TrustMode } from '@pawvault/contracts';
import { hasEnded, type JobQueue } from '@pawvault/queue';
import { type ImportRecord, type Quarantine, toImportView } from '@pawvault/store';
import { PinoLogger } from 'nestjs-pino';
import type { Request } from '../http';
import { CONFIG, QUARANTINE, QUEUE } from '../services';
import { receiveUpload } from './receive-upload';

/** What the gateway does with imports: takes them in, hands them to jobs, and passes decisions on. */
@Injectable()
export class Imports implements OnApplicationBootstrap {
  constructor(
    @Inject(QUARANTINE) readonly quarantine: Quarantine,
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(CONFIG) private readonly config: Config,
    private readonly logger: PinoLogger,
  ) {}

  /** Redis may have been lost with the jobs of imports that are here: the files are the truth. */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.quarantine.removeExpired();
      for (const record of await this.quarantine.list())
        if (record.state === 'checking' && !(await this.hasLiveJob(record))) await this.check(record);
    } catch (error) {
      this.logger.warn({ err: error }, 'imports that wait for their check could not be looked after');
    }
  }

  /** @throws as {@link receiveUpload}, and QUEUE_UNAVAILABLE; then nothing stays */
  async receive(request: Request): Promise<ImportView> {
    const limits = { maxBytes: this.config.limits.maxUploadBytes };
    return this.check(await receiveUpload(request, { quarantine: this.quarantine, limits }));
  }

  /** Hands an import to the job that checks it. */
  async check({ id }: ImportRecord): Promise<ImportView> {
    try {
      const job = await this.queue.add('import.check', { import_id: id });
      return toImportView(await this.noteJob(id, job.id));
    } catch (error) {
      await this.quarantine.remove(id).catch(() => undefined);
      throw error;
    }
  }

  async list(): Promise<ImportView[]> {
    return (await this.quarantine.list()).map(toImportView);
  }

  /** Refuses at once what the job would be refused for. */
  async accept(id: string, decision: { overwrite: boolean; trustMode: TrustMode | null }): Promise<ImportView> {
    const record = await this.quarantine.get(id);
    await this.assertDecidable(record, decision);
    const { overwrite, trustMode } = decision;
    const job = await this.queue.add('import.accept', { import_id: id, overwrite, trust_mode: trustMode });
    return { ...toImportView(record), state: 'accepting', job_id: job.id };
  }

  async discard(id: string): Promise<void> {
    const { state, job_id } = await this.quarantine.get(id);
    if (state === 'accepting') throw new DomainError('IMPORT_NOT_DECIDABLE', undefined, { id, state });
    if (state === 'checking' && job_id !== null) await this.queue.cancel(job_id).catch(ignoreEnded);
    await this.quarantine.remove(id);
  }

  private async assertDecidable(
    { id, state, conflict, trust_needed: needed, report }: ImportRecord,
    { overwrite, trustMode }: { overwrite: boolean; trustMode: TrustMode | null },
  ): Promise<void> {
    if (state !== 'needs_decision') throw new DomainError('IMPORT_NOT_DECIDABLE', undefined, { id, state });
    if (needed !== null && needed !== trustMode) throw new DomainError(signatureCode(report));
    if (conflict === null) return;
    if (!overwrite) throw new DomainError('BACKUP_EXISTS', undefined, { id: conflict.id });
    const [job] = await this.queue.activeFor(conflict.id);
    if (job !== undefined) throw new DomainError('BACKUP_IN_USE', undefined, { id: conflict.id, job_id: job.id });
  }

  /** The worker may have ended the check before its job is noted: its word counts. */
  private async noteJob(id: string, jobId: string): Promise<ImportRecord> {
    const record = await this.quarantine.get(id);
    return record.state === 'checking' ? { ...record, job_id: jobId } : record;
  }

  private async hasLiveJob({ job_id }: ImportRecord): Promise<boolean> {
    if (job_id === null) return false;
    return this.queue.get(job_id).then(
      (job) => !hasEnded(job),
      () => false,
    );
  }
}

function signatureCode(report: ImportView['report']): ErrorCode {
  const code = report.find(({ name }) => name === 'signature')?.code ?? '';
  return isErrorCode(code) ? code : 'backup_signature_mismatch';
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof DomainError) || !['JOB_NOT_FOUND', 'JOB_FINISHED'].includes(error.code)) throw error;
}
