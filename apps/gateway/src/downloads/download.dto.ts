import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import type { DownloadAddress } from './download-tickets';

/** What fits into the first line of a request. */
const PATH_MAX = 8192;

export class DownloadBody {
  @ApiProperty({
    maxLength: PATH_MAX,
    example: '/api/v1/backups/qwenpaw-1.1.9-20260420T093000Z-ab12cd34/archive',
    description: 'Of the archive of a backup, or of one of its files, as a browser would send it',
  })
  @MaxLength(PATH_MAX)
  @IsString()
  path!: string;
}

export class DownloadDto implements DownloadAddress {
  @ApiProperty({ description: 'The path, with a ticket where a token is needed. It is a secret as long as it is good' })
  url!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until when the download has to begin; null where no token is needed',
  })
  expires_at!: string | null;
}
