import { Controller, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DomainError, type ErrorCode, type ImportView, isErrorCode } from '@pawvault/contracts';
import { hasEnded, type JobQueue } from '@pawvault/queue';
import type { ImportRecord, Store } from '@pawvault/store';
import { Audited } from '../audit/audited';
import type { Request, Response } from '../http';
import { Imports } from '../imports/imports';
import { OpenStreams } from '../streams/open-streams';
import { Needs } from '../security/needs';
import { QUEUE, STORE } from '../services';
import { followJob } from './follow-job';
import { QwenpawFilter } from './qwenpaw.filter';
import { sendJson } from './send-json';
import { toWireMeta } from './wire-meta';

/**
 * Importing as QwenPaw's clients do: one request that answers when the archive has been checked. On a conflict it answers 409 with a
 * `pending_token`; a second request with that token alone overwrites, without another upload.
 */
@ApiExcludeController()
@Needs('operator')
@UseFilters(QwenpawFilter)
@Controller('api/backups/import')
export class QwenpawImportController {
  constructor(
    private readonly imports: Imports,
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(STORE) private readonly store: Store,
    private readonly streams: OpenStreams,
  ) {}

  @Post()
  @Audited('import.upload')
  async import(@Req() request: Request, @Res() response: Response): Promise<void> {
    const signal = this.streams.signalFor(response);
    const { view: uploaded, fields } = await this.receive(request);
    const started = uploaded ?? (await this.overwrite(fields.get('pending_token')));
    const view = await this.settled(started, signal).catch(async (error: unknown) => {
      // Who is told that it failed sends it again. One that was uploaded before can be decided about again.
      if (uploaded !== null) await this.imports.discard(uploaded.id).catch(() => undefined);
      throw error;
    });
    if (view === null || response.destroyed) return;
    await this.answer(response, view);
  }

  /** QwenPaw's clients send forms; anything else holds no file. */
  private receive(request: Request): ReturnType<Imports['receiveForm']> {
    if (!/^multipart\/form-data/i.test(request.headers['content-type'] ?? '')) throw fileRequired();
    return this.imports.receiveForm(request);
  }

  /** The user has seen the conflict and wants it; trust was given with the upload. */
  private async overwrite(id: string | undefined): Promise<ImportView> {
    if (id === undefined) throw fileRequired();
    const { upload_trust_mode: trustMode } = await this.imports.quarantine.get(id);
    return this.imports.accept(id, { overwrite: true, trustMode });
  }

  /** null when the client or the gateway leaves before. */
  private async settled({ id, job_id }: ImportView, signal: AbortSignal): Promise<ImportRecord | null> {
    if (job_id === null) return this.imports.quarantine.get(id);
    for await (const job of followJob(this.queue, job_id, { signal })) {
      if (!hasEnded(job)) continue;
      if (job.error !== null) throw new DomainError(job.error.code, job.error.message, job.error.details);
      return this.imports.quarantine.get(id);
    }
    return null;
  }

  private async answer(response: Response, record: ImportRecord): Promise<void> {
    const { id, state, backup_id, conflict, trust_needed: needed, upload_trust_mode: given } = record;
    if (state === 'accepted' && backup_id !== null) {
      sendJson(response, 200, toWireMeta(await this.store.summary(backup_id)));
      return;
    }
    if (state === 'needs_decision' && conflict !== null && (needed === null || needed === given)) {
      const existing = await this.store.summary(conflict.id).then(toWireMeta, () => conflict);
      sendJson(response, 409, { detail: 'backup_conflict', existing, pending_token: id });
      return;
    }
    await this.imports.discard(id).catch(() => undefined);
    throw refusalOf(record);
  }
}

const fileRequired = (): DomainError => new DomainError('VALIDATION_FAILED', 'file is required');

/** What the first check that did not pass says. */
function refusalOf({ report }: ImportView): DomainError {
  const check = report.find(({ name, state }) => name !== 'conflict' && (state === 'failed' || state === 'decision'));
  const code: ErrorCode = isErrorCode(check?.code ?? '') ? (check?.code as ErrorCode) : 'BACKUP_INVALID';
  const { entry = null, message = null } = check ?? {};
  return new DomainError(code, message ?? undefined, entry === null ? {} : { entry });
}
