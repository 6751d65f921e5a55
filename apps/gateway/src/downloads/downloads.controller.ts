import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Config } from '@pawvault/config';
import { DomainError } from '@pawvault/contracts';
import type { Store } from '@pawvault/store';
import { AuditTrail } from '../audit/audit-trail';
import { archiveFor, fileFor } from '../backups/content-for';
import type { Request } from '../http';
import { ApiProblems } from '../problem/api-problems';
import { Needs } from '../security/needs';
import { principalOf } from '../security/principal';
import { CONFIG, STORE } from '../services';
import { type Download, readDownloadPath } from './download-path';
import { DownloadTickets } from './download-tickets';
import { DownloadBody, DownloadDto } from './download.dto';

@ApiTags('backups')
@Needs('operator')
@Controller('api/v1/downloads')
export class DownloadsController {
  constructor(
    @Inject(STORE) readonly store: Store,
    @Inject(CONFIG) readonly config: Config,
    private readonly tickets: DownloadTickets,
    private readonly trail: AuditTrail,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Get an address that a browser can download from',
    description:
      'A browser sends no token when it saves a file. The answer is the path with a ticket for it: for GET and HEAD of this path alone, to be used within a minute, ' +
      'and with no more rights than the token has when it is used.',
  })
  @ApiOkResponse({ type: DownloadDto })
  @ApiProblems(
    'VALIDATION_FAILED',
    'BACKUP_ID_INVALID',
    'BACKUP_NOT_FOUND',
    'BACKUP_INVALID',
    'BACKUP_FILE_NOT_FOUND',
    'BACKUP_FILE_NOT_REGULAR',
    'SECRETS_NOT_SERVED',
    'SIGNING_KEY_INVALID',
  )
  async prepare(@Body() { path }: DownloadBody, @Req() request: Request): Promise<DownloadDto> {
    const download = readDownloadPath(path);
    try {
      await this.admit(download, request);
    } catch (error) {
      await this.noteRefusal(download, request, error);
      throw error;
    }
    return this.tickets.issue(principalOf(request), path);
  }

  /** What the download itself would be refused for is refused here, where somebody can be told. */
  private async admit({ id, file }: Download, request: Request): Promise<void> {
    if (file === null) await archiveFor(request, this.store, id);
    else (await fileFor(request, this, { id, path: file })).stream.destroy();
  }

  /** A download that is let in is written down when it comes; one that is not never comes. */
  private async noteRefusal({ id, file }: Download, request: Request, error: unknown): Promise<void> {
    const code = error instanceof DomainError ? error.code : 'INTERNAL_ERROR';
    const action = file === null ? 'backup.export' : 'file.read';
    await this.trail.after({ request, action, backupId: id, outcome: 'refused', code, jobId: null, details: {} });
  }
}
