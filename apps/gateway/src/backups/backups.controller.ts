import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type BackupDetail, DomainError, type JobView } from '@pawvault/contracts';
import type { JobQueue } from '@pawvault/queue';
import type { Store } from '@pawvault/store';
import type { Response } from '../http';
import { JobDto } from '../jobs/job.dto';
import { accepted } from '../jobs/accepted';
import { ApiProblems } from '../problem/api-problems';
import { CLOCK, QUEUE, STORE } from '../services';
import { BackupDetailDto, BackupListDto, BatchDeleteDto } from './backup.dto';
import { BatchDeleteBody, CreateBackupBody, RenameBackupBody } from './backup.body';
import { ListBackupsQuery } from './backup.query';
import { pageOf } from './backup-page';
import { createPayload } from './create-payload';
import { deleteBackup, deleteBackups } from './delete-backups';
import { Audited } from '../audit/audited';
import { Needs } from '../security/needs';

@ApiTags('backups')
@Needs('viewer')
@Controller('api/v1/backups')
export class BackupsController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(CLOCK) private readonly clock: () => Date,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the backups' })
  @ApiOkResponse({ type: BackupListDto })
  @ApiProblems('VALIDATION_FAILED', 'BACKUP_DIR_UNUSABLE')
  async list(@Query() query: ListBackupsQuery): Promise<BackupListDto> {
    const { backups, invalid, duplicates } = await this.store.list();
    const page = pageOf(backups, query);
    return { ...page, backups: await this.store.proveTrust(page.backups), invalid, duplicates };
  }

  @Post()
  @Needs('operator')
  @Audited('backup.create')
  @HttpCode(202)
  @ApiOperation({ summary: 'Make a backup', description: 'The job does it; `Location` is its address.' })
  @ApiAcceptedResponse({ type: JobDto })
  @ApiProblems(
    'VALIDATION_FAILED',
    'NOTHING_SELECTED',
    'UNSUPPORTED_MEDIA_TYPE',
    'PAYLOAD_TOO_LARGE',
    'QUEUE_UNAVAILABLE',
  )
  async create(@Body() body: CreateBackupBody, @Res({ passthrough: true }) response: Response): Promise<JobView> {
    return accepted(response, await this.queue.add('backup.create', createPayload(body, this.clock())));
  }

  @Post('batch-delete')
  @Needs('operator')
  @Audited('backup.delete')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Delete several backups',
    description: 'Each on its own: the result says of every id what became of it.',
  })
  @ApiOkResponse({ type: BatchDeleteDto })
  @ApiProblems('VALIDATION_FAILED', 'QUEUE_UNAVAILABLE')
  async batchDelete(@Body() { ids }: BatchDeleteBody): Promise<BatchDeleteDto> {
    return { results: await deleteBackups({ store: this.store, queue: this.queue }, ids) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'What a backup holds' })
  @ApiOkResponse({ type: BackupDetailDto })
  @ApiProblems('BACKUP_ID_INVALID', 'BACKUP_NOT_FOUND', 'BACKUP_INVALID')
  detail(@Param('id') id: string): Promise<BackupDetail> {
    return this.store.detail(id);
  }

  @Patch(':id')
  @Needs('operator')
  @Audited('backup.rename')
  @HttpCode(202)
  @ApiOperation({ summary: 'Change name or description', description: 'A job, because the signature covers both.' })
  @ApiAcceptedResponse({ type: JobDto })
  @ApiProblems('VALIDATION_FAILED', 'BACKUP_ID_INVALID', 'BACKUP_NOT_FOUND', 'BACKUP_INVALID', 'QUEUE_UNAVAILABLE')
  async rename(
    @Param('id') id: string,
    @Body() { name, description }: RenameBackupBody,
    @Res({ passthrough: true }) response: Response,
  ): Promise<JobView> {
    if (name === undefined && description === undefined) {
      throw new DomainError('VALIDATION_FAILED', 'Give a name, a description or both', {
        fields: ['name', 'description'],
      });
    }
    await this.store.find(id);
    const changes = { ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }) };
    return accepted(response, await this.queue.add('backup.rename', { backup_id: id, ...changes }));
  }

  @Delete(':id')
  @Needs('operator')
  @Audited('backup.delete')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a backup' })
  @ApiNoContentResponse()
  @ApiProblems('BACKUP_ID_INVALID', 'BACKUP_NOT_FOUND', 'BACKUP_IN_USE', 'PERMISSION_DENIED', 'QUEUE_UNAVAILABLE')
  async delete(@Param('id') id: string): Promise<void> {
    await deleteBackup({ store: this.store, queue: this.queue }, id);
  }

  @Post(':id/verify')
  @Needs('operator')
  @Audited('backup.verify')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Verify a backup',
    description: 'Every entry against size, CRC and sha256, and the signatures.',
  })
  @ApiAcceptedResponse({ type: JobDto })
  @ApiProblems('BACKUP_ID_INVALID', 'BACKUP_NOT_FOUND', 'BACKUP_INVALID', 'QUEUE_UNAVAILABLE')
  async verify(@Param('id') id: string, @Res({ passthrough: true }) response: Response): Promise<JobView> {
    await this.store.find(id);
    return accepted(response, await this.queue.add('backup.verify', { backup_id: id }));
  }
}
