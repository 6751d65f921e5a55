import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { AGENT_ID_PATTERN, type AgentSelection, type BackupKind, isAgentId } from '@pawvault/contracts';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsObject,
  IsIn,
  IsString,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { IsPlainText } from '../requests/plain-text';
import { ScopeBody } from './scope.dto';

const MAX_NAME = 200;
const MAX_DESCRIPTION = 10_000;
const MAX_AGENTS = 10_000;
const MAX_BATCH = 1000;

const isGiven = (_object: object, value: unknown): boolean => value !== undefined;

const isSelection = (value: unknown): boolean =>
  value === 'all' || (Array.isArray(value) && value.length <= MAX_AGENTS && value.every(isAgentId));

const IsAgentSelection = (): PropertyDecorator =>
  ValidateBy({
    name: 'isAgentSelection',
    validator: { validate: isSelection, defaultMessage: () => '$property must be "all" or a list of agent ids' },
  });

export class CreateBackupBody {
  @ApiProperty({ minLength: 1, maxLength: MAX_NAME })
  @IsPlainText({ minLength: 1, maxLength: MAX_NAME })
  name!: string;

  @ApiPropertyOptional({ default: '', maxLength: MAX_DESCRIPTION })
  @IsPlainText({ maxLength: MAX_DESCRIPTION, multiline: true })
  @ValidateIf(isGiven)
  description?: string;

  @ApiProperty({ enum: ['full', 'partial'], description: 'full takes everything, secrets included' })
  @IsIn(['full', 'partial'])
  mode!: BackupKind;

  @ApiPropertyOptional({ type: () => ScopeBody, description: 'For partial backups' })
  @ValidateNested()
  @Type(() => ScopeBody)
  @IsObject()
  @ValidateIf(isGiven)
  scope?: ScopeBody;

  @ApiPropertyOptional({
    oneOf: [
      { type: 'string', enum: ['all'] },
      { type: 'array', items: { type: 'string', pattern: AGENT_ID_PATTERN }, maxItems: MAX_AGENTS },
    ],
    default: 'all',
    description: 'For partial backups: the agents to take',
  })
  @IsAgentSelection()
  @ValidateIf(isGiven)
  agents?: AgentSelection;
}

export class RenameBackupBody {
  @ApiPropertyOptional({ minLength: 1, maxLength: MAX_NAME })
  @IsPlainText({ minLength: 1, maxLength: MAX_NAME })
  @ValidateIf(isGiven)
  name?: string;

  @ApiPropertyOptional({ maxLength: MAX_DESCRIPTION })
  @IsPlainText({ maxLength: MAX_DESCRIPTION, multiline: true })
  @ValidateIf(isGiven)
  description?: string;
}

export class BatchDeleteBody {
  @ApiProperty({ type: [String], minItems: 1, maxItems: MAX_BATCH })
  @IsString({ each: true })
  @ArrayMaxSize(MAX_BATCH)
  @ArrayMinSize(1)
  @IsArray()
  ids!: string[];
}
