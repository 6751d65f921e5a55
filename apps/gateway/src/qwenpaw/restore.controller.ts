import {
  Body,
  Controller,
  Inject,
  Param,
  Post,
  Req,
  Res,
  ServiceUnavailableException,
  UseFilters,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DomainError, type JobView, type RestoreResult } from '@pawvault/contracts';
import { hasEnded, type JobQueue } from '@pawvault/queue';
import type { Store } from '@pawvault/store';
import type { Request, Response } from '../http';
import { OpenStreams } from '../streams/open-streams';
import { QUEUE, STORE } from '../services';
import { followJob } from './follow-job';
import { QwenpawFilter } from './qwenpaw.filter';
import { readRestoreRequest } from './requests';
import { restorePayload } from './restore-payload';
import { sendJson } from './send-json';
import { Audited } from '../audit/audited';
import { Needs } from '../security/needs';
import { demandRole } from '../security/principal';

/** Below the minute after which routers and firewalls forget an idle connection. */
const KEEP_ALIVE_MS = 20_000;

export interface WireRestored {
  ok: true;
  preserved_local_keys: string[];
}

/**
 * Restoring as QwenPaw's clients ask for it: the answer comes when it is done, however long that takes. A client that gives up waiting
 * changes nothing, because half a restore is what nobody wants: the job goes on and can be followed and cancelled under /api/v1/jobs.
 */
@ApiExcludeController()
@Needs('operator')
@UseFilters(QwenpawFilter)
@Controller('api/backups/:id/restore')
export class QwenpawRestoreController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(QUEUE) private readonly queue: JobQueue,
    private readonly streams: OpenStreams,
  ) {}

  @Post()
  @Audited('backup.restore')
  async restore(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const asked = readRestoreRequest(body);
    const payload = restorePayload(asked, await this.store.detail(id));
    if (payload.mode === 'full' || payload.include_secrets) demandRole(request, 'admin');
    request.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const job = await this.queue.add('backup.restore', payload);
    const ended = await this.endOf(job, this.streams.signalFor(response));
    if (response.destroyed) return;
    if (ended === null)
      throw new ServiceUnavailableException(`PawVault is shutting down; the restore goes on as job ${job.id}`);
    if (ended.state !== 'completed') throw failureOf(ended);
    const { preserved_local_keys } = ended.result as RestoreResult;
    sendJson(response, 200, { ok: true, preserved_local_keys } satisfies WireRestored);
  }

  /** null when the signal aborts before. */
  private async endOf({ id }: JobView, signal: AbortSignal): Promise<JobView | null> {
    for await (const job of followJob(this.queue, id, { signal })) if (hasEnded(job)) return job;
    return null;
  }
}

const failureOf = ({ error }: JobView): DomainError =>
  error === null ? new DomainError('INTERNAL_ERROR') : new DomainError(error.code, error.message, error.details);
