import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ExclusionCount, ModuleStats, Omission, OmissionReason } from '@pawvault/contracts';
import { OMISSION_REASONS } from '@pawvault/contracts';

export class ModuleStatsDto implements ModuleStats {
  @ApiProperty({ type: 'integer', description: 'Regular files and symbolic links' })
  files!: number;

  @ApiProperty({ type: 'integer' })
  bytes!: number;
}

export class AgentStatsDto extends ModuleStatsDto {
  @ApiProperty({ description: 'Display name; the id where there is none' })
  name!: string;
}

export class OmissionDto implements Omission {
  @ApiProperty({ description: 'The name that the entry would have had' })
  path!: string;

  @ApiProperty({ enum: OMISSION_REASONS, enumName: 'OmissionReason' })
  reason!: OmissionReason;

  @ApiPropertyOptional()
  detail?: string;
}

export class ExclusionCountDto implements ExclusionCount {
  @ApiProperty()
  rule!: string;

  @ApiProperty({ type: 'integer' })
  files!: number;

  @ApiProperty({ type: 'integer' })
  bytes!: number;
}
