import type { Config } from '@pawvault/config';
import { DomainError } from '@pawvault/contracts';
import type { Store } from '@pawvault/store';
import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import type { Request } from '../http';
import { ApiProblems } from '../problem/api-problems';
import { DownloadTickets, type Ticket } from '../security/download-tickets';
import { CONFIG, STORE } from '../services';
import { demandArchive, demandFile } from '../backups/content-access';
import { Needs } from '../security/needs';
import { principalOf } from '../security/principal';

/** Longer than any path of an entry, escaped. */
const PATH_MAX = 16_384;

export class DownloadTicketBody {
  @ApiProperty({
    example: '/api/v1/backups/qwenpaw-1.1.9-20260420T093000Z-ab12cd34/archive',
    description: 'Of the archive, or of one file in it, escaped as it will be asked for',
  })
  @MaxLength(PATH_MAX)
  @IsString()
  path!: string;
}

export class DownloadTicketDto implements Ticket {
  @ApiProperty({ description: 'Where the download is, for a GET without a token' })
  url!: string;

  @ApiProperty({ format: 'date-time' })
  expires_at!: string;
}

/** The routes that send content, as their paths come: escaped. */
const DOWNLOAD = /^\/api\/v1\/backups\/([^/?#]+)\/(?:archive|files\/([^?#]+))$/;

@ApiTags('backups')
@Needs('operator')
@Controller('api/v1/download-tickets')
export class TicketsController {
  constructor(
    @Inject(DownloadTickets) private readonly tickets: DownloadTickets,
    @Inject(STORE) private readonly store: Store,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'An address for a download without a token',
    description:
      'For browsers, which send no token when they save to disk. It opens this one path for ten minutes, with the rights that the token has then.',
  })
  @ApiOkResponse({ type: DownloadTicketDto })
  @ApiProblems('VALIDATION_FAILED', 'BACKUP_ID_INVALID', 'BACKUP_NOT_FOUND', 'BACKUP_INVALID', 'SECRETS_NOT_SERVED')
  async issue(@Body() { path }: DownloadTicketBody, @Req() request: Request): Promise<Ticket> {
    await this.demand(request, path);
    return this.tickets.issue(path, principalOf(request).name);
  }

  /** The download itself would be refused as well, but a browser would only say that it failed. */
  private async demand(request: Request, path: string): Promise<void> {
    const [, id, file] = DOWNLOAD.exec(path)?.map(unescaped) ?? [];
    if (id === undefined) {
      throw new DomainError('VALIDATION_FAILED', 'path must be that of an archive or of a file in one', {
        fields: ['path'],
      });
    }
    const backup = await this.store.find(id);
    if (file === undefined) await demandArchive(request, this.store, backup);
    else demandFile(request, this.config, file);
  }
}

/** @throws DomainError VALIDATION_FAILED for what is no escaped UTF-8 */
function unescaped(part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part);
  } catch {
    throw new DomainError('VALIDATION_FAILED', 'path is not escaped as an address is', { fields: ['path'] });
  }
}
