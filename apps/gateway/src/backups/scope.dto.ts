import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { BackupScope } from '@pawvault/contracts';
import { IsBoolean, ValidateIf } from 'class-validator';

export class ScopeDto implements BackupScope {
  @ApiProperty() include_agents!: boolean;
  @ApiProperty() include_global_config!: boolean;
  @ApiProperty() include_secrets!: boolean;
  @ApiProperty() include_skill_pool!: boolean;
}

/** Given or left out, but never null. */
const isGiven = (_object: object, value: unknown): boolean => value !== undefined;

export class ScopeBody implements Partial<BackupScope> {
  @ApiPropertyOptional({ default: true })
  @IsBoolean()
  @ValidateIf(isGiven)
  include_agents?: boolean;

  @ApiPropertyOptional({ default: true })
  @IsBoolean()
  @ValidateIf(isGiven)
  include_global_config?: boolean;

  @ApiPropertyOptional({ default: false, description: 'Provider keys, master key, tool environment' })
  @IsBoolean()
  @ValidateIf(isGiven)
  include_secrets?: boolean;

  @ApiPropertyOptional({ default: true })
  @IsBoolean()
  @ValidateIf(isGiven)
  include_skill_pool?: boolean;
}
