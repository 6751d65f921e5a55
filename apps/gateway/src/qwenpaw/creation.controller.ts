import { Body, Controller, Inject, Post, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DomainError } from '@pawvault/contracts';
import type { JobQueue } from '@pawvault/queue';
import type { Store } from '@pawvault/store';
import { PinoLogger } from 'nestjs-pino';
import type { Response } from '../http';
import { OpenStreams } from '../streams/open-streams';
import { QUEUE, STORE } from '../services';
import { type BackupEvent, backupEvents } from './backup-events';
import { type Creation, CreationDesk } from './creation';
import { sendEventStream } from './event-stream';
import { followJob } from './follow-job';
import { QwenpawFilter } from './qwenpaw.filter';
import { readCreateRequest } from './requests';
import { toWireMeta, type WireMeta } from './wire-meta';
import { Audited } from '../audit/audited';
import { Needs } from '../security/needs';

/** Making a backup as QwenPaw's console did it first: the client that asks also listens, and a client that leaves has cancelled. */
@ApiExcludeController()
@Needs('operator')
@UseFilters(QwenpawFilter)
@Controller('api/backups/stream')
export class QwenpawCreationController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(QUEUE) private readonly queue: JobQueue,
    private readonly desk: CreationDesk,
    private readonly streams: OpenStreams,
    private readonly logger: PinoLogger,
  ) {}

  @Post()
  @Audited('backup.create')
  async create(@Body() body: unknown, @Res() response: Response): Promise<void> {
    const request = readCreateRequest(body);
    const left = new AbortController();
    response.once('close', () => left.abort());
    const creation = await this.desk.start(request);
    await sendEventStream(response, this.events(creation, response, left.signal), { signal: left.signal });
  }

  /** A gateway that shuts down is no client that left: the backup goes on, and the client is told where. */
  private async *events(
    { job, agents }: Creation,
    response: Response,
    left: AbortSignal,
  ): AsyncGenerator<BackupEvent, void, void> {
    const views = followJob(this.queue, job.id, { signal: this.streams.signalFor(response) });
    const metaOf = async (id: string): Promise<WireMeta> => toWireMeta(await this.store.summary(id));
    let ended = false;
    try {
      for await (const event of backupEvents(views, { agents, metaOf })) {
        ended = event.type === 'done' || event.type === 'error';
        yield event;
      }
      if (!ended && !left.aborted)
        yield { type: 'error', message: `PawVault is shutting down; the backup goes on as job ${job.id}` };
    } finally {
      if (!ended && left.aborted) await this.cancel(job.id);
    }
  }

  private async cancel(id: string): Promise<void> {
    try {
      await this.queue.cancel(id);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'JOB_FINISHED') return;
      this.logger.warn({ err: error, job_id: id }, 'the backup of a client that left could not be cancelled');
    }
  }
}
