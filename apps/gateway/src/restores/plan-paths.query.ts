import { ApiPropertyOptional } from '@nestjs/swagger';
import { type ModuleName, MODULES, PATH_CHANGES, type PathChange } from '@pawvault/contracts';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

const MAX_PAGE = 1000;
const MAX_TEXT = 1024;

export class PlanPathsQuery {
  @ApiPropertyOptional({ enum: PATH_CHANGES, enumName: 'PathChange' })
  @IsIn(PATH_CHANGES)
  @IsOptional()
  change?: PathChange;

  @ApiPropertyOptional({ enum: MODULES, enumName: 'ModuleName' })
  @IsIn(MODULES)
  @IsOptional()
  module?: ModuleName;

  @ApiPropertyOptional({ maxLength: MAX_TEXT, description: 'Id of an agent' })
  @MaxLength(MAX_TEXT)
  @IsString()
  @IsOptional()
  agent?: string;

  @ApiPropertyOptional({ maxLength: MAX_TEXT, description: 'Part of the path, in any case' })
  @MaxLength(MAX_TEXT)
  @IsString()
  @IsOptional()
  search?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE, default: 200 })
  @Max(MAX_PAGE)
  @Min(1)
  @IsInt()
  @Type(() => Number)
  @IsOptional()
  limit: number = 200;

  @ApiPropertyOptional({ description: '`next_cursor` of the page before, with the same filter' })
  @MaxLength(16384)
  @IsString()
  @IsOptional()
  cursor?: string;
}
