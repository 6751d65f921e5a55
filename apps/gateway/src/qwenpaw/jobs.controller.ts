import { Body, Controller, Get, Inject, Param, Post, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DomainError, type JobState, type JobView } from '@pawvault/contracts';
import type { JobQueue } from '@pawvault/queue';
import type { Store } from '@pawvault/store';
import { PinoLogger } from 'nestjs-pino';
import type { Response } from '../http';
import { OpenStreams } from '../streams/open-streams';
import { CLOCK, QUEUE, STORE } from '../services';
import { CreationDesk } from './creation';
import { sendEventStream } from './event-stream';
import { followJob } from './follow-job';
import { type JobSnapshot, jobSnapshot } from './job-snapshot';
import { QwenpawFilter } from './qwenpaw.filter';
import { readCreateRequest } from './requests';
import { sendJson } from './send-json';
import { toWireMeta, type WireMeta } from './wire-meta';
import { Audited } from '../audit/audited';
import { Needs } from '../security/needs';

/** Making a backup as QwenPaw's console does it by now: as a job that goes on when its client leaves. */
@ApiExcludeController()
@Needs('viewer')
@UseFilters(QwenpawFilter)
@Controller('api/backups/jobs')
export class QwenpawJobsController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(CLOCK) private readonly clock: () => Date,
    private readonly desk: CreationDesk,
    private readonly streams: OpenStreams,
    private readonly logger: PinoLogger,
  ) {}

  /** Where QwenPaw refuses a second job with 409, it waits its turn here. */
  @Post()
  @Needs('operator')
  @Audited('backup.create')
  async start(@Body() body: unknown, @Res() response: Response): Promise<void> {
    const { job } = await this.desk.start(readCreateRequest(body));
    sendJson(response, 202, await this.snapshot(job));
  }

  /** The one that is running, else the next that waits, else null. */
  @Get('active')
  async active(@Res() response: Response): Promise<void> {
    const job = (await this.oldest('running')) ?? (await this.oldest('queued'));
    sendJson(response, 200, job === null ? null : await this.snapshot(job));
  }

  @Get(':id')
  async get(@Param('id') id: string, @Res() response: Response): Promise<void> {
    sendJson(response, 200, await this.snapshot(await this.find(id)));
  }

  @Post(':id/cancel')
  @Needs('operator')
  @Audited('job.cancel')
  async cancel(@Param('id') id: string, @Res() response: Response): Promise<void> {
    await this.find(id);
    const snapshot = await this.snapshot(await this.cancelled(id));
    const wanted = snapshot.status === 'running' || snapshot.status === 'pending';
    sendJson(response, 200, { ...snapshot, ...(wanted ? { status: 'cancel_requested' } : {}) });
  }

  @Get(':id/events')
  async events(@Param('id') id: string, @Res() response: Response): Promise<void> {
    await this.find(id);
    const signal = this.streams.signalFor(response);
    await sendEventStream(response, this.snapshots(id, signal), { signal });
  }

  /** Ends early when following fails: QwenPaw's console then asks for the job itself, and follows it again. */
  private async *snapshots(id: string, signal: AbortSignal): AsyncGenerator<JobSnapshot, void, void> {
    try {
      for await (const view of followJob(this.queue, id, { signal })) yield await this.snapshot(view);
    } catch (error) {
      this.logger.warn({ err: error, job_id: id }, 'a backup could not be followed any longer');
    }
  }

  private async oldest(state: JobState): Promise<JobView | null> {
    const { jobs } = await this.queue.list({ type: 'backup.create', state, limit: 100 });
    return jobs.at(-1) ?? null;
  }

  /** @throws DomainError JOB_NOT_FOUND, also for a job of another kind */
  private async find(id: string): Promise<JobView> {
    const job = await this.queue.get(id);
    if (job.type !== 'backup.create') throw new DomainError('JOB_NOT_FOUND', undefined, { id });
    return job;
  }

  /** What has ended is answered as it ended. */
  private async cancelled(id: string): Promise<JobView> {
    try {
      return await this.queue.cancel(id);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'JOB_FINISHED') return this.queue.get(id);
      throw error;
    }
  }

  private async snapshot(job: JobView): Promise<JobSnapshot> {
    return jobSnapshot(job, { at: this.clock(), meta: await this.metaOf(job) });
  }

  private async metaOf({ state, backup_id }: JobView): Promise<WireMeta | null> {
    if (state !== 'completed' || backup_id === null) return null;
    try {
      return toWireMeta(await this.store.summary(backup_id));
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}
