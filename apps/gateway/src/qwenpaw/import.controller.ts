import { Controller, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DomainError, type ErrorCode, type ImportView, isErrorCode } from '@pawvault/contracts';
import { hasEnded, type JobQueue } from '@pawvault/queue';
import type { Store } from '@pawvault/store';
import { Audited } from '../audit/audited';
import type { Request, Response } from '../http';
import { Imports } from '../imports/imports';
import { readPendingToken } from '../imports/pending-token';
import { OpenStreams } from '../jobs/open-streams';
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
    const reception = await readPendingToken(request, (upload) => this.imports.receive(upload));
    const started = 'pendingToken' in reception ? await this.overwrite(reception.pendingToken) : reception.view;
    const view = await this.settled(started, signal);
    if (view === null || response.destroyed) return;
    await this.answer(response, view);
  }

  /** The user has seen the conflict and wants it; trust was given with the upload. */
  private async overwrite(id: string): Promise<ImportView> {
    const { upload_trust_mode: trustMode } = await this.imports.quarantine.get(id);
    return this.imports.accept(id, { overwrite: true, trustMode });
  }

  private async settled(view: ImportView, signal: AbortSignal): Promise<ImportView | null> {
    const { id, job_id } = view;
    if (job_id === null) return view;
    for await (const job of followJob(this.queue, job_id, { signal })) {
      if (!hasEnded(job)) continue;
      if (job.error !== null) throw new DomainError(job.error.code, job.error.message, job.error.details);
      return this.imports.quarantine.get(id);
    }
    return null;
  }

  private async answer(response: Response, view: ImportView): Promise<void> {
    if (view.state === 'accepted' && view.backup_id !== null) {
      sendJson(response, 200, toWireMeta(await this.store.summary(view.backup_id)));
      return;
    }
    const { conflict, trust_needed: needed } = view;
    if (view.state === 'needs_decision' && conflict !== null && (needed === null || (await this.isVouchedFor(view)))) {
      const existing = await this.store.summary(conflict.id).then(toWireMeta, () => conflict);
      sendJson(response, 409, { detail: 'backup_conflict', existing, pending_token: view.id });
      return;
    }
    await this.imports.discard(view.id).catch(() => undefined);
    throw refusalOf(view);
  }

  private async isVouchedFor({ id, trust_needed }: ImportView): Promise<boolean> {
    return (await this.imports.quarantine.get(id)).upload_trust_mode === trust_needed;
  }
}

/** What the first check that did not pass says. */
function refusalOf({ report }: ImportView): DomainError {
  const check = report.find(({ name, state }) => name !== 'conflict' && (state === 'failed' || state === 'decision'));
  const code: ErrorCode = isErrorCode(check?.code ?? '') ? (check?.code as ErrorCode) : 'BACKUP_INVALID';
  const { entry = null, message = null } = check ?? {};
  return new DomainError(code, message ?? undefined, entry === null ? {} : { entry });
}
