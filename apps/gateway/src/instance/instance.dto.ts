import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { AgentView, InstanceDirectories, InstanceModuleView, InstanceView, JobWarning } from '@pawvault/contracts';
import { IsIn, IsOptional } from 'class-validator';
import { ModuleStatsDto } from '../backups/module-stats.dto';
import { JobWarningDto } from '../jobs/job-warning.dto';

export class InstanceQuery {
  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description: 'Look again instead of answering from the last seconds',
  })
  @IsIn(['true', 'false'])
  @IsOptional()
  refresh: 'true' | 'false' = 'false';
}

export class InstanceDirectoriesDto implements InstanceDirectories {
  @ApiProperty() working_dir!: string;
  @ApiProperty() secret_dir!: string;
  @ApiProperty() backup_dir!: string;
  @ApiProperty() config_file!: string;
}

export class AgentViewDto extends ModuleStatsDto implements AgentView {
  @ApiProperty() id!: string;
  @ApiProperty() name!: string;
  @ApiProperty() enabled!: boolean;
  @ApiProperty() workspace_dir!: string;
  @ApiProperty() exists!: boolean;
}

export class InstanceModuleDto extends ModuleStatsDto implements InstanceModuleView {
  @ApiProperty() exists!: boolean;
}

export class InstanceModulesDto {
  @ApiProperty({ type: () => InstanceModuleDto }) global_config!: InstanceModuleDto;
  @ApiProperty({ type: () => InstanceModuleDto }) skill_pool!: InstanceModuleDto;
  @ApiProperty({ type: () => InstanceModuleDto }) secrets!: InstanceModuleDto;
}

export class InstanceDto implements InstanceView {
  @ApiProperty() instance_id!: string;

  @ApiProperty({ type: () => InstanceDirectoriesDto })
  directories!: InstanceDirectoriesDto;

  @ApiProperty() qwenpaw_version!: string;

  @ApiProperty({ type: String, nullable: true })
  active_agent!: string | null;

  @ApiProperty({ type: () => [AgentViewDto] })
  agents!: AgentViewDto[];

  @ApiProperty({ type: () => InstanceModulesDto })
  modules!: InstanceModulesDto;

  @ApiProperty({ type: 'integer', description: 'On the file system of the backup directory' })
  backup_dir_free_bytes!: number;

  @ApiProperty({ type: () => [JobWarningDto] })
  warnings!: JobWarning[];

  @ApiProperty({ format: 'date-time' })
  inspected_at!: string;
}
