import { ApiPropertyOptional } from '@nestjs/swagger';
import type { BackupKind } from '@pawvault/contracts';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { PageQuery } from '../requests/page-query';
import { SORTS, type Sort } from './backup-page';

const MAX_FILE_PAGE = 5000;

export class ListBackupsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ['full', 'partial'] })
  @IsIn(['full', 'partial'])
  @IsOptional()
  kind?: BackupKind;

  @ApiPropertyOptional({ maxLength: 200, description: 'Part of the name, the description or the id, in any case' })
  @MaxLength(200)
  @IsString()
  @IsOptional()
  q?: string;

  @ApiPropertyOptional({ enum: SORTS, default: '-created_at' })
  @IsIn(SORTS)
  @IsOptional()
  sort: Sort = '-created_at';
}

export class ListFilesQuery {
  @ApiPropertyOptional({ example: 'data/workspaces/default/', description: 'Beginning of the path' })
  @MaxLength(8192)
  @IsString()
  @IsOptional()
  prefix: string = '';

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_FILE_PAGE, default: 1000 })
  @Max(MAX_FILE_PAGE)
  @Min(1)
  @IsInt()
  @Type(() => Number)
  @IsOptional()
  limit: number = 1000;

  @ApiPropertyOptional({ description: '`next_cursor` of the page before' })
  @MaxLength(16384)
  @IsString()
  @IsOptional()
  cursor?: string;
}
