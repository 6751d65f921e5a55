import type { Config } from '@pawvault/config';
import { DomainError } from '@pawvault/contracts';
import type { Store } from '@pawvault/store';
import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { AuditTrail } from '../audit/audit-trail';
import type { Request } from '../http';
import { ApiProblems } from '../problem/api-problems';
import { DownloadTickets, type IssuedTicket } from '../security/download-tickets';
import { CONFIG, STORE } from '../services';
import { demandArchive, demandFile } from '../backups/content-access';
import { type Download, readDownloadPath } from './download-path';
import { Needs } from '../security/needs';
import { principalOf } from '../security/principal';

/** What fits into the first line of a request beside a ticket and headers. */
const PATH_MAX = 8192;

export class DownloadTicketBody {
  @ApiProperty({
    example: '/api/v1/backups/qwenpaw-1.1.9-20260420T093000Z-ab12cd34/archive',
    description: 'Of the archive, or of one file in it, escaped as it will be asked for',
  })
  @MaxLength(PATH_MAX)
  @IsString()
  path!: string;
}

export class DownloadTicketDto implements IssuedTicket {
  @ApiProperty({ description: 'Where the download is, for a GET without a token' })
  url!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until when the download has to begin; null where no token is needed',
  })
  expires_at!: string | null;
}

@ApiTags('backups')
@Needs('operator')
@Controller('api/v1/download-tickets')
export class TicketsController {
  constructor(
    @Inject(DownloadTickets) private readonly tickets: DownloadTickets,
    @Inject(STORE) private readonly store: Store,
    @Inject(CONFIG) private readonly config: Config,
    private readonly trail: AuditTrail,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'An address for a download without a token',
    description:
      'For browsers, which send no token when they save to disk. It opens this one path, with the rights that the token has then; the download has to begin within a ' +
      'minute, and may go on for a day when it breaks off.',
  })
  @ApiOkResponse({ type: DownloadTicketDto })
  @ApiProblems(
    'VALIDATION_FAILED',
    'BACKUP_ID_INVALID',
    'BACKUP_NOT_FOUND',
    'BACKUP_INVALID',
    'BACKUP_FILE_NOT_FOUND',
    'BACKUP_FILE_NOT_REGULAR',
    'SECRETS_NOT_SERVED',
  )
  async issue(@Body() { path }: DownloadTicketBody, @Req() request: Request): Promise<IssuedTicket> {
    const download = readDownloadPath(path);
    try {
      await this.demand(request, download);
    } catch (error) {
      await this.noteRefusal(request, download, error);
      throw error;
    }
    return this.tickets.issue(path, principalOf(request));
  }

  /** What the download itself would be refused for is refused here: a browser would only say that it failed. */
  private async demand(request: Request, { id, file }: Download): Promise<void> {
    const backup = await this.store.find(id);
    if (file === null) {
      await demandArchive(request, this.store, backup);
      return;
    }
    demandFile(request, this.config, file);
    (await this.store.openFile(id, file)).stream.destroy();
  }

  /** A download that is let in is written down when it comes; one that is not never comes. */
  private async noteRefusal(request: Request, { id, file }: Download, error: unknown): Promise<void> {
    const code = error instanceof DomainError ? error.code : 'INTERNAL_ERROR';
    const action = file === null ? 'backup.export' : 'file.read';
    await this.trail.after({ request, action, backupId: id, outcome: 'refused', code, jobId: null, details: {} });
  }
}
