import { Body, Controller, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ErrorCode, JobView, RestorePlan } from '@pawvault/contracts';
import type { JobQueue } from '@pawvault/queue';
import type { Store } from '@pawvault/store';
import type { Request, Response } from '../http';
import { accepted } from '../jobs/accepted';
import { JobDto } from '../jobs/job.dto';
import { ApiProblems } from '../problem/api-problems';
import { CLOCK, QUEUE, STORE } from '../services';
import { RestorePlanDto } from './restore-plan.dto';
import { RestoreBody, RestorePlanBody } from './restore.body';
import { planPayload, restorePayload } from './restore-payload';
import { Audited } from '../audit/audited';
import { Needs } from '../security/needs';
import { demandRole } from '../security/principal';

/** A plan compares the archive with every file that the restore would touch. */
const PLAN_PATIENCE_MS = 30_000;

const REFUSALS: ErrorCode[] = [
  'VALIDATION_FAILED',
  'NOTHING_SELECTED',
  'UNSUPPORTED_MEDIA_TYPE',
  'PAYLOAD_TOO_LARGE',
  'BACKUP_ID_INVALID',
  'BACKUP_NOT_FOUND',
  'BACKUP_INVALID',
  'QUEUE_UNAVAILABLE',
];

@ApiTags('restore')
@Needs('operator')
@Controller('api/v1/backups/:id')
export class RestoresController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(CLOCK) private readonly clock: () => Date,
  ) {}

  @Post('restore-plan')
  @HttpCode(200)
  @ApiOperation({
    summary: 'What a restore would do',
    description: 'Changes nothing. With its `plan_hash`, a restore does exactly this or is refused.',
  })
  @ApiOkResponse({ type: RestorePlanDto })
  @ApiProblems(
    ...REFUSALS,
    'WORKER_UNAVAILABLE',
    'INSTANCE_NOT_FOUND',
    'INSTANCE_CONFIG_INVALID',
    'RESTORE_NEEDS_FULL_BACKUP',
    'RESTORE_AGENT_NOT_IN_BACKUP',
    'RESTORE_DESTINATION_REFUSED',
    'ARCHIVE_VERSION_UNSUPPORTED',
    'backup_legacy_unsigned',
    'backup_signature_mismatch',
    'backup_unknown_signature_scheme',
  )
  async plan(@Param('id') id: string, @Body() body: RestorePlanBody): Promise<RestorePlan> {
    const payload = planPayload(id, body);
    await this.store.find(id);
    return this.queue.ask('restore.plan', payload, { timeoutMs: PLAN_PATIENCE_MS });
  }

  @Post('restores')
  @Audited('backup.restore')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Restore a backup',
    description:
      'The job does all of it or nothing; `Location` is its address. It can be cancelled until it commits. What a plan is refused for, the ' +
      'job fails with.',
  })
  @ApiAcceptedResponse({ type: JobDto })
  @ApiProblems(...REFUSALS)
  async restore(
    @Param('id') id: string,
    @Body() body: RestoreBody,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<JobView> {
    const payload = restorePayload(id, body, this.clock());
    if (payload.mode === 'full' || payload.include_secrets) demandRole(request, 'admin');
    await this.store.find(id);
    return accepted(response, await this.queue.add('backup.restore', payload));
  }
}
