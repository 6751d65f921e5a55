import { ApiProperty } from '@nestjs/swagger';
import type {
  PlannedAgent,
  PlannedModule,
  RestoreMode,
  RestorePlan,
  RestoreResult,
  TreeChanges,
} from '@pawvault/contracts';
import { ScopeDto } from '../backups/scope.dto';
import { JobWarningDto } from '../jobs/job-warning.dto';

const MODES: RestoreMode[] = ['full', 'custom'];

export class TreeChangesDto implements TreeChanges {
  @ApiProperty({ type: 'integer' }) added!: number;
  @ApiProperty({ type: 'integer' }) changed!: number;
  @ApiProperty({ type: 'integer' }) removed!: number;
  @ApiProperty({ type: 'integer' }) unchanged!: number;

  @ApiProperty({ type: 'integer', description: 'Of the tree as it will be' })
  bytes!: number;
}

export class PlannedAgentDto implements PlannedAgent {
  @ApiProperty() id!: string;
  @ApiProperty() name!: string;

  @ApiProperty({ enum: ['replace', 'add'] })
  action!: PlannedAgent['action'];

  @ApiProperty({ description: 'The directory that it goes to' })
  destination!: string;

  @ApiProperty({ type: () => TreeChangesDto })
  changes!: TreeChangesDto;
}

export class PlannedModuleDto implements PlannedModule {
  @ApiProperty({ enum: ['global_config', 'skill_pool', 'secrets'] })
  module!: PlannedModule['module'];

  @ApiProperty({ enum: ['replace', 'add', 'skip'], description: 'skip: the archive lacks it, and nothing is wiped' })
  action!: PlannedModule['action'];

  @ApiProperty() destination!: string;

  @ApiProperty({ type: () => TreeChangesDto })
  changes!: TreeChangesDto;
}

export class LeftBehindDto {
  @ApiProperty() id!: string;
  @ApiProperty() workspace_dir!: string;
}

export class RestorePlanDto implements RestorePlan {
  @ApiProperty() backup_id!: string;

  @ApiProperty({ enum: MODES, enumName: 'RestoreMode' })
  mode!: RestoreMode;

  @ApiProperty({ type: () => ScopeDto })
  scope!: ScopeDto;

  @ApiProperty({ type: () => [PlannedAgentDto] })
  agents!: PlannedAgentDto[];

  @ApiProperty({ type: () => [PlannedModuleDto] })
  modules!: PlannedModuleDto[];

  @ApiProperty({ type: [String], description: 'Dotted paths of keys of config.json whose value will differ' })
  config_changes!: string[];

  @ApiProperty({ type: [String], description: 'Keys of the local config.json that survive' })
  preserved_local_keys!: string[];

  @ApiProperty({ type: () => [LeftBehindDto], description: 'Agents that leave the registry; their files stay' })
  left_behind!: LeftBehindDto[];

  @ApiProperty({ description: 'The archive has secrets without a master key' })
  keeps_local_master_key!: boolean;

  @ApiProperty({ description: 'The local master key is saved first' })
  replaces_master_key!: boolean;

  @ApiProperty({ type: 'integer', description: 'That will be written beside what is there' })
  bytes!: number;

  @ApiProperty({ description: 'QwenPaw must be restarted to see all of it' })
  restart_required!: boolean;

  @ApiProperty({ type: () => [JobWarningDto] })
  warnings!: JobWarningDto[];

  @ApiProperty({ description: 'Give it to the restore, which is refused when it would do anything else by then' })
  plan_hash!: string;
}

export class RestoreResultDto implements RestoreResult {
  @ApiProperty() backup_id!: string;

  @ApiProperty({ enum: MODES, enumName: 'RestoreMode' })
  mode!: RestoreMode;

  @ApiProperty({ type: [String], description: 'Agents and modules' })
  replaced!: string[];

  @ApiProperty({ type: [String], description: 'Agents and modules that were not there before' })
  added!: string[];

  @ApiProperty({ type: [String] })
  kept!: string[];

  @ApiProperty({ type: [String], description: 'Modules that the archive lacks' })
  skipped!: string[];

  @ApiProperty({ type: [String] })
  preserved_local_keys!: string[];

  @ApiProperty({ type: () => [LeftBehindDto] })
  left_behind!: LeftBehindDto[];

  @ApiProperty({ type: String, nullable: true, description: 'Restoring it in full mode undoes this restore' })
  pre_restore_backup_id!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Where the former master key was saved' })
  saved_master_key!: string | null;

  @ApiProperty() restart_required!: boolean;

  @ApiProperty({ type: 'integer' })
  files!: number;

  @ApiProperty({ type: 'integer' })
  bytes!: number;

  @ApiProperty({ type: 'integer' })
  duration_ms!: number;
}
