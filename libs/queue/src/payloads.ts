import { AGENT_ID_PATTERN, BACKUP_ID_PATTERN } from '@pawvault/contracts';
import type {
  AgentSelection,
  BackupScope,
  CreatePayload,
  JobType,
  RenamePayload,
  VerifyPayload,
} from '@pawvault/contracts';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsDefined,
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
const RFC3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const AGENT_ID = new RegExp(AGENT_ID_PATTERN);

@ValidatorConstraint({ name: 'agents' })
class IsAgentSelection implements ValidatorConstraintInterface {
  validate = (value: unknown): boolean => value === 'all' || (Array.isArray(value) && isListOfIds(value));
}

const isListOfIds = (ids: unknown[]): boolean =>
  ids.length <= MAX_AGENTS &&
  new Set(ids).size === ids.length &&
  ids.every((id) => typeof id === 'string' && AGENT_ID.test(id));

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
  @Matches(/^[0-9a-f]{8}$/) short_id!: string;
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

class InspectModel {}

/** The class that says what a job of each kind may carry. A kind without one does not compile. */
export const PAYLOAD_MODELS: Record<JobType, new () => object> = {
  'backup.create': CreateModel,
  'backup.verify': VerifyModel,
  'backup.rename': RenameModel,
  'instance.inspect': InspectModel,
};
