import { BACKUP_ID_PATTERN, IMPORT_ID_PATTERN, isAgentId, TRUST_MODES } from '@pawvault/contracts';
import type {
  AgentSelection,
  BackupScope,
  CreatePayload,
  ImportAcceptPayload,
  ImportCheckPayload,
  JobType,
  RenamePayload,
  RestoreMode,
  RestorePayload,
  RestorePlanPayload,
  TrustMode,
  VerifyPayload,
} from '@pawvault/contracts';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsDefined,
  IsIn,
  IsString,
  Matches,
  MaxLength,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
} from 'class-validator';
import type { ValidatorConstraintInterface } from 'class-validator';

const MAX_NAME = 1000;
const MAX_DESCRIPTION = 100_000;
const MAX_AGENTS = 100_000;
const MAX_PATH = 4096;
const ABSOLUTE = /^\/[^\0]*$/;
const SHORT_ID = /^[0-9a-f]{8}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const RFC3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

@ValidatorConstraint({ name: 'agents' })
class IsAgentSelection implements ValidatorConstraintInterface {
  validate = (value: unknown): boolean => value === 'all' || (Array.isArray(value) && isListOfIds(value));
}

@ValidatorConstraint({ name: 'agentIds' })
class IsListOfAgents implements ValidatorConstraintInterface {
  validate = (value: unknown): boolean => Array.isArray(value) && isListOfIds(value);
}

const isListOfIds = (ids: unknown[]): boolean =>
  ids.length <= MAX_AGENTS && new Set(ids).size === ids.length && ids.every(isAgentId);

class ScopeModel implements BackupScope {
  @IsBoolean() include_agents!: boolean;
  @IsBoolean() include_global_config!: boolean;
  @IsBoolean() include_secrets!: boolean;
  @IsBoolean() include_skill_pool!: boolean;
}

class CreateModel implements CreatePayload {
  @MaxLength(MAX_NAME) @IsString() name!: string;
  @MaxLength(MAX_DESCRIPTION) @IsString() description!: string;
  @ValidateNested() @Type(() => ScopeModel) @IsDefined() scope!: ScopeModel;
  @Validate(IsAgentSelection) agents!: AgentSelection;
  @Matches(RFC3339_UTC) created_at!: string;
  @Matches(SHORT_ID) short_id!: string;
}

class VerifyModel implements VerifyPayload {
  @Matches(new RegExp(BACKUP_ID_PATTERN)) backup_id!: string;
}

const isGiven = (_object: unknown, value: unknown): boolean => value !== undefined;

class RenameModel implements RenamePayload {
  @Matches(new RegExp(BACKUP_ID_PATTERN)) backup_id!: string;
  @MaxLength(MAX_NAME) @IsString() @ValidateIf(isGiven) name?: string;
  @MaxLength(MAX_DESCRIPTION) @IsString() @ValidateIf(isGiven) description?: string;
}

const isNotNull = (_object: unknown, value: unknown): boolean => value !== null;

class RestorePlanModel implements RestorePlanPayload {
  @Matches(new RegExp(BACKUP_ID_PATTERN)) backup_id!: string;
  @IsIn(['full', 'custom']) mode!: RestoreMode;
  @Validate(IsListOfAgents) agent_ids!: string[];
  @IsBoolean() include_global_config!: boolean;
  @IsBoolean() include_skill_pool!: boolean;
  @IsBoolean() include_secrets!: boolean;
  @MaxLength(MAX_PATH) @Matches(ABSOLUTE) @ValidateIf(isNotNull) default_workspace_dir!: string | null;
  @IsBoolean() @ValidateIf(isNotNull) preserve_local_protected_config!: boolean | null;
  @IsIn(TRUST_MODES) @ValidateIf(isNotNull) trust_mode!: TrustMode | null;
  @IsBoolean() @ValidateIf(isGiven) clean?: boolean;
  @IsIn(['skip', 'keep']) @ValidateIf(isGiven) outward_links?: 'skip' | 'keep';
}

class BackupIdentityModel {
  @Matches(RFC3339_UTC) created_at!: string;
  @Matches(SHORT_ID) short_id!: string;
}

class RestoreModel extends RestorePlanModel implements RestorePayload {
  @ValidateNested()
  @Type(() => BackupIdentityModel)
  @IsDefined()
  @ValidateIf(isNotNull)
  pre_restore_backup!: BackupIdentityModel | null;

  @Matches(SHA256) @ValidateIf(isNotNull) plan_hash!: string | null;
}

class ImportCheckModel implements ImportCheckPayload {
  @Matches(new RegExp(IMPORT_ID_PATTERN)) import_id!: string;
}

class ImportAcceptModel extends ImportCheckModel implements ImportAcceptPayload {
  @IsBoolean() overwrite!: boolean;
  @IsIn(TRUST_MODES) @ValidateIf(isNotNull) trust_mode!: TrustMode | null;
}

class InspectModel {}

/** The class that says what a job of each kind may carry. A kind without one does not compile. */
export const PAYLOAD_MODELS: Record<JobType, new () => object> = {
  'backup.create': CreateModel,
  'backup.verify': VerifyModel,
  'backup.rename': RenameModel,
  'backup.restore': RestoreModel,
  'restore.plan': RestorePlanModel,
  'import.check': ImportCheckModel,
  'import.accept': ImportAcceptModel,
  'instance.inspect': InspectModel,
};
