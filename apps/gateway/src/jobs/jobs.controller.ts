import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { JobView } from '@pawvault/contracts';
import type { JobPage, JobQueue } from '@pawvault/queue';
import type { Request, Response } from '../http';
import { ApiProblems } from '../problem/api-problems';
import { toProblem } from '../problem/problem';
import { pathOf, requestIdOf } from '../requests/request-id';
import { QUEUE } from '../services';
import { JobDto, JobListDto, ListJobsQuery } from './job.dto';
import { sendJobEvents } from './job-events';
import { OpenStreams } from '../streams/open-streams';
import { Audited } from '../audit/audited';
import { Needs } from '../security/needs';

const HEARTBEAT_MS = 15_000;

@ApiTags('jobs')
@Needs('viewer')
@Controller('api/v1/jobs')
export class JobsController {
  constructor(
    @Inject(QUEUE) private readonly queue: JobQueue,
    private readonly streams: OpenStreams,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the jobs', description: 'Those that have ended are kept for a while.' })
  @ApiOkResponse({ type: JobListDto })
  @ApiProblems('VALIDATION_FAILED', 'QUEUE_UNAVAILABLE')
  list(@Query() { type, state, limit, cursor }: ListJobsQuery): Promise<JobPage> {
    return this.queue.list({ type, state, limit, cursor });
  }

  @Get(':id')
  @ApiOperation({ summary: 'One job' })
  @ApiOkResponse({ type: JobDto })
  @ApiProblems('JOB_NOT_FOUND', 'QUEUE_UNAVAILABLE')
  get(@Param('id') id: string): Promise<JobView> {
    return this.queue.get(id);
  }

  @Get(':id/events')
  @ApiOperation({
    summary: 'Follow a job',
    description:
      'Server-sent events: `job` with the job as it stands, at once and at every change; the stream ends when the job has. `problem` with a ' +
      'problem document when following failed.',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ description: 'The events', schema: { type: 'string' } })
  @ApiProblems('JOB_NOT_FOUND', 'QUEUE_UNAVAILABLE')
  async events(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.queue.get(id);
    const signal = this.streams.signalFor(response);
    const place = { path: pathOf(request), requestId: requestIdOf(request) };
    await sendJobEvents(response, this.queue.watch(id, signal), {
      signal,
      heartbeatMs: HEARTBEAT_MS,
      toProblem: (error) => toProblem(error, place),
    });
  }

  @Post(':id/cancel')
  @Needs('operator')
  @Audited('job.cancel')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Cancel a job',
    description:
      'A queued job has ended at once, a running one ends within two seconds. A restore that commits is not stopped any more.',
  })
  @ApiOkResponse({ type: JobDto })
  @ApiProblems('JOB_NOT_FOUND', 'JOB_FINISHED', 'RESTORE_COMMITTING', 'QUEUE_UNAVAILABLE')
  cancel(@Param('id') id: string): Promise<JobView> {
    return this.queue.cancel(id);
  }
}
