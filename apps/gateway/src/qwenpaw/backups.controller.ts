import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { JobQueue } from '@pawvault/queue';
import type { Store } from '@pawvault/store';
import { deleteBackups } from '../backups/delete-backups';
import { sendArchive } from '../downloads/send-archive';
import type { Request, Response } from '../http';
import { QUEUE, STORE } from '../services';
import { QwenpawFilter } from './qwenpaw.filter';
import { readDeleteRequest } from './requests';
import { toWireDetail, toWireMeta, type WireDetail, type WireMeta } from './wire-meta';
import { Audited } from '../audit/audited';
import { Needs } from '../security/needs';
import { holdsSecrets } from '../backups/holds-secrets';
import { demandRole } from '../security/principal';

export interface WireDeleted {
  deleted: string[];
  failed: { id: string; reason: string }[];
}

/** The backups as QwenPaw's clients know them. */
@ApiExcludeController()
@Needs('viewer')
@UseFilters(QwenpawFilter)
@Controller('api/backups')
export class QwenpawBackupsController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(QUEUE) private readonly queue: JobQueue,
  ) {}

  @Get()
  async list(): Promise<WireMeta[]> {
    const { backups } = await this.store.list();
    return backups.map(toWireMeta);
  }

  @Post('delete')
  @Needs('operator')
  @Audited('backup.delete')
  @HttpCode(200)
  async delete(@Body() body: unknown): Promise<WireDeleted> {
    const results = await deleteBackups({ store: this.store, queue: this.queue }, readDeleteRequest(body));
    const failed = results.flatMap(({ id, error }) => (error === null ? [] : [{ id, reason: reasonOf(error) }]));
    return { deleted: results.filter(({ deleted }) => deleted).map(({ id }) => id), failed };
  }

  @Get(':id')
  async detail(@Param('id') id: string): Promise<WireDetail> {
    return toWireDetail(await this.store.detail(id));
  }

  /** Under its id, whatever its file is called. */
  @Get(':id/export')
  @Needs('operator')
  @Audited('backup.export')
  async export(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const backup = await this.store.find(id);
    if (await holdsSecrets(this.store, backup)) demandRole(request, 'admin');
    await sendArchive(request, response, { ...backup, fileName: `${backup.id}.zip` });
  }
}

const reasonOf = ({ code, message }: { code: string; message: string }): string =>
  code === 'BACKUP_NOT_FOUND' || code === 'BACKUP_ID_INVALID' ? 'not found' : message;
