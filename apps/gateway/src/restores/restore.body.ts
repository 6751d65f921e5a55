import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { AGENT_ID_PATTERN, isAgentId, type RestoreMode, TRUST_MODES, type TrustMode } from '@pawvault/contracts';
import { ArrayMaxSize, Equals, IsArray, IsBoolean, IsIn, Matches, ValidateBy, ValidateIf } from 'class-validator';
import { IsPlainText } from '../requests/plain-text';

const MAX_AGENTS = 10_000;
const MAX_PATH = 4096;

/** May be left out, but not null. */
const isGiven = (_object: object, value: unknown): boolean => value !== undefined;
/** null says the same as leaving it out. */
const isChosen = (_object: object, value: unknown): boolean => value !== undefined && value !== null;

const AreAgentIds = (): PropertyDecorator =>
  ValidateBy({
    name: 'areAgentIds',
    validator: {
      validate: (value: unknown) => Array.isArray(value) && value.every(isAgentId),
      defaultMessage: () => '$property must be a list of agent ids',
    },
  });

export class RestorePlanBody {
  @ApiProperty({
    enum: ['full', 'custom'],
    description: 'full: the instance becomes the backup. custom: what is named below, everything else stays as it is',
  })
  @IsIn(['full', 'custom'])
  mode!: RestoreMode;

  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'string', pattern: AGENT_ID_PATTERN },
    maxItems: MAX_AGENTS,
    default: [],
    description: 'Custom mode only',
  })
  @AreAgentIds()
  @ArrayMaxSize(MAX_AGENTS)
  @IsArray()
  @ValidateIf(isGiven)
  agent_ids?: string[];

  @ApiPropertyOptional({ default: false, description: 'Custom mode only' })
  @IsBoolean()
  @ValidateIf(isGiven)
  include_global_config?: boolean;

  @ApiPropertyOptional({ default: false, description: 'Custom mode only' })
  @IsBoolean()
  @ValidateIf(isGiven)
  include_skill_pool?: boolean;

  @ApiPropertyOptional({ default: false, description: 'Custom mode only' })
  @IsBoolean()
  @ValidateIf(isGiven)
  include_secrets?: boolean;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: MAX_PATH,
    description: 'Absolute path; agents that this instance does not know get a directory in it',
  })
  @Matches(/^\//, { message: '$property must be an absolute path' })
  @IsPlainText({ maxLength: MAX_PATH })
  @ValidateIf(isChosen)
  default_workspace_dir?: string | null;

  @ApiPropertyOptional({
    type: Boolean,
    nullable: true,
    description: 'Keep `security` and `mcp` of the local config.json; left open: for archives accepted through trust',
  })
  @IsBoolean()
  @ValidateIf(isChosen)
  preserve_local_protected_config?: boolean | null;

  @ApiPropertyOptional({
    enum: TRUST_MODES,
    type: String,
    nullable: true,
    description: 'legacy vouches for an unsigned archive, foreign for one that another key signed',
  })
  @IsIn(TRUST_MODES)
  @ValidateIf(isChosen)
  trust_mode?: TrustMode | null;

  @ApiPropertyOptional({
    default: false,
    description: 'Also remove what exclude rules leave out of backups; the plan names it',
  })
  @IsBoolean()
  @ValidateIf(isGiven)
  clean?: boolean;

  @ApiPropertyOptional({
    enum: ['skip', 'keep'],
    default: 'skip',
    description: 'Links of an archive from elsewhere that lead out of their module: keep makes them',
  })
  @IsIn(['skip', 'keep'])
  @ValidateIf(isGiven)
  outward_links?: 'skip' | 'keep';
}

export class RestoreBody extends RestorePlanBody {
  @ApiPropertyOptional({
    default: true,
    description: 'Make a full backup with secrets first, which undoes the restore',
  })
  @IsBoolean()
  @ValidateIf(isGiven)
  pre_restore_backup?: boolean;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    pattern: '^[0-9a-f]{64}$',
    description: '`plan_hash` of a plan: the restore is refused if it would do anything else by now',
  })
  @Matches(/^[0-9a-f]{64}$/, { message: '$property must be the plan_hash of a plan' })
  @ValidateIf(isChosen)
  plan_hash?: string | null;

  @ApiProperty({ enum: [true], type: Boolean, description: 'Says that you mean it' })
  @Equals(true, { message: '$property must be true' })
  confirm!: true;
}
