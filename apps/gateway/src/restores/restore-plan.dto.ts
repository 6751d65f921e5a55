import { ApiProperty } from '@nestjs/swagger';
import {
  CARRY_REASONS,
  type CarryReason,
  type ModuleName,
  MODULES,
  PATH_CHANGES,
  type PathChange,
  type PlannedAgent,
  type PlannedModule,
  type PlannedPath,
  type RestoreMode,
  type RestorePlan,
  type RestoreResult,
  type TreeChanges,
} from '@pawvault/contracts';
import { ScopeDto } from '../backups/scope.dto';
import { JobWarningDto } from '../jobs/job-warning.dto';

const MODES: RestoreMode[] = ['full', 'custom'];

export class TreeChangesDto implements TreeChanges {
  @ApiProperty({ type: 'integer' }) added!: number;
  @ApiProperty({ type: 'integer' }) changed!: number;
  @ApiProperty({ type: 'integer' }) removed!: number;

  @ApiProperty({ type: 'integer', description: 'Live paths that the archive lacks and that stay' })
  carried!: number;

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

export class PathCountsDto implements Record<PathChange, number> {
  @ApiProperty({ type: 'integer' }) added!: number;
  @ApiProperty({ type: 'integer' }) changed!: number;
  @ApiProperty({ type: 'integer' }) removed!: number;
  @ApiProperty({ type: 'integer' }) carried!: number;
}

export class PlannedPathDto implements PlannedPath {
  @ApiProperty({ enum: MODULES, enumName: 'ModuleName' })
  module!: ModuleName;

  @ApiProperty({ type: String, nullable: true })
  agent!: string | null;

  @ApiProperty({ description: 'Relative to the root of the module or workspace; directories end in `/`' })
  path!: string;

  @ApiProperty({
    enum: PATH_CHANGES,
    enumName: 'PathChange',
    description: 'carried: it is not in the backup and stays',
  })
  change!: PathChange;

  @ApiProperty({ enum: CARRY_REASONS, enumName: 'CarryReason', type: String, nullable: true })
  reason!: CarryReason | null;

  @ApiProperty({ type: String, nullable: true, description: 'The rule, or why no backup can hold it' })
  detail!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Where it is afterwards, if not at its path' })
  kept_as!: string | null;
}

export class PlanPathsDto {
  @ApiProperty({ type: () => [PlannedPathDto] })
  paths!: PlannedPathDto[];

  @ApiProperty({ type: String, nullable: true, description: 'For the next page; null on the last' })
  next_cursor!: string | null;

  @ApiProperty({ type: () => PathCountsDto, description: 'All that match, on every page; `change` is not applied' })
  counts!: PathCountsDto;
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

  @ApiProperty({
    type: () => [PlannedPathDto],
    description: 'The first 1000; `GET /api/v1/restore-plans/{plan_hash}/paths` lists all',
  })
  paths!: PlannedPathDto[];

  @ApiProperty({ type: () => PathCountsDto })
  path_counts!: PathCountsDto;

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

  @ApiProperty({ required: false, description: 'Of the plan that was carried out; lists its paths' })
  plan_hash?: string;

  @ApiProperty({ type: () => PathCountsDto, required: false })
  path_counts?: PathCountsDto;

  @ApiProperty({
    type: [String],
    required: false,
    description: 'Links that lead out of their module and were not made',
  })
  links_not_made?: string[];

  @ApiProperty({ type: 'integer' })
  files!: number;

  @ApiProperty({ type: 'integer' })
  bytes!: number;

  @ApiProperty({ type: 'integer' })
  duration_ms!: number;
}
