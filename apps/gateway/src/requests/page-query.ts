import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

const MAX_PAGE = 200;

/** Of every list that comes in pages. */
export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE, default: 50 })
  @Max(MAX_PAGE)
  @Min(1)
  @IsInt()
  @Type(() => Number)
  @IsOptional()
  limit: number = 50;

  @ApiPropertyOptional({ description: '`next_cursor` of the page before, with the same order and filter' })
  @MaxLength(8192)
  @IsString()
  @IsOptional()
  cursor?: string;
}
