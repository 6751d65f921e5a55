import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import type {
  BackupDetail,
  BackupKind,
  BackupMeta,
  BackupSummary,
  DuplicateArchive,
  EntryType,
  ErrorView,
  FileRecord,
  InvalidBackup,
  SystemInfo,
  TrustState,
  VerifiedState,
} from '@pawvault/contracts';
import { ErrorViewDto } from '../problem/problem.dto';
import { AgentStatsDto, ExclusionCountDto, ModuleStatsDto, OmissionDto } from './module-stats.dto';
import { ScopeDto } from './scope.dto';

const TRUST: TrustState[] = ['valid', 'unchecked', 'mismatch', 'unsigned', 'unknown_scheme'];

/** What stands in meta.json, without the signatures. */
export class BackupMetaDto implements BackupMeta {
  @ApiProperty({ example: 'qwenpaw-1.1.9-20260420T093000Z-ab12cd34' })
  id!: string;

  @ApiProperty() name!: string;
  @ApiProperty() description!: string;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ description: 'Of the format' })
  version!: string;

  @ApiProperty({ type: () => ScopeDto })
  scope!: ScopeDto;

  @ApiProperty({ type: 'integer' })
  agent_count!: number;

  @ApiProperty() qwenpaw_version!: string;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'The machine that made the archive' })
  system_info!: SystemInfo;

  @ApiProperty({ type: Boolean, nullable: true, description: 'null for unsigned archives' })
  accepted_via_trust!: boolean | null;
}

export class BackupSummaryDto extends BackupMetaDto implements BackupSummary {
  @ApiProperty({ enum: ['full', 'partial'] })
  kind!: BackupKind;

  @ApiProperty({ type: 'integer', description: 'Bytes of the archive' })
  size!: number;

  @ApiProperty() file_name!: string;

  @ApiProperty({
    enum: TRUST,
    enumName: 'TrustState',
    description: 'Whose key signed it. unchecked: only a verification can tell (archives made by QwenPaw)',
  })
  trust!: TrustState;

  @ApiProperty({ enum: ['never', 'ok', 'damaged'], enumName: 'VerifiedState', description: 'Of exactly these bytes' })
  verified!: VerifiedState;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  verified_at!: string | null;

  @ApiProperty() has_manifest!: boolean;
}

export class BackupModulesDto {
  @ApiPropertyOptional({ type: () => ModuleStatsDto })
  global_config?: ModuleStatsDto;

  @ApiPropertyOptional({ type: () => ModuleStatsDto })
  skill_pool?: ModuleStatsDto;

  @ApiPropertyOptional({ type: () => ModuleStatsDto })
  secrets?: ModuleStatsDto;
}

@ApiExtraModels(AgentStatsDto)
export class BackupDetailDto extends BackupSummaryDto implements BackupDetail {
  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: getSchemaPath(AgentStatsDto) },
    description: 'By agent id',
  })
  agents!: BackupDetail['agents'];

  @ApiProperty({ type: () => BackupModulesDto, description: 'The modules that the archive holds' })
  modules!: BackupModulesDto;

  @ApiProperty({
    type: () => ModuleStatsDto,
    nullable: true,
    description: 'Entries that belong to no module; they are kept and never restored. null where there are none',
  })
  unknown!: ModuleStatsDto | null;

  @ApiProperty({ type: () => [OmissionDto], nullable: true, description: 'null where the archive has no manifest' })
  omissions!: OmissionDto[] | null;

  @ApiProperty({
    type: () => [ExclusionCountDto],
    nullable: true,
    description: 'null where the archive has no manifest',
  })
  exclusions!: ExclusionCountDto[] | null;

  @ApiProperty({ type: [String], description: 'Other files of the directory with the same id' })
  duplicates!: string[];
}

export class InvalidBackupDto implements InvalidBackup {
  @ApiProperty() file_name!: string;

  @ApiProperty({ type: 'integer' })
  size!: number;

  @ApiProperty({ format: 'date-time' })
  modified_at!: string;

  @ApiProperty() code!: string;
  @ApiProperty() reason!: string;
}

export class DuplicateArchiveDto implements DuplicateArchive {
  @ApiProperty() file_name!: string;
  @ApiProperty() id!: string;

  @ApiProperty({ type: 'integer' })
  size!: number;
}

export class BackupListDto {
  @ApiProperty({ type: () => [BackupSummaryDto] })
  backups!: BackupSummary[];

  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  @ApiProperty({ type: 'integer', description: 'Backups that match, over all pages' })
  total!: number;

  @ApiProperty({ type: () => [InvalidBackupDto], description: 'Files of the directory that are no readable backups' })
  invalid!: InvalidBackup[];

  @ApiProperty({ type: () => [DuplicateArchiveDto], description: 'Files with an id that another file carries as well' })
  duplicates!: DuplicateArchive[];
}

export class FileRecordDto implements FileRecord {
  @ApiProperty({ example: 'data/workspaces/default/agent.json' })
  path!: string;

  @ApiProperty({ enum: ['file', 'directory', 'symlink'] })
  type!: EntryType;

  @ApiProperty({ type: 'integer' })
  size!: number;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Unix permission bits' })
  mode!: number | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  mtime!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'null where the archive has no manifest or no content' })
  sha256!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'shared.md', description: 'Where a link leads' })
  target!: string | null;

  @ApiProperty({ description: 'Can be downloaded: files, and links to files, whose content the archive has' })
  has_content!: boolean;
}

export class FileListDto {
  @ApiProperty({ type: () => [FileRecordDto] })
  files!: FileRecord[];

  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;
}

export class BatchDeleteResultDto {
  @ApiProperty() id!: string;
  @ApiProperty() deleted!: boolean;

  @ApiProperty({ type: () => ErrorViewDto, nullable: true, description: 'Why it was not deleted' })
  error!: ErrorView | null;
}

export class BatchDeleteDto {
  @ApiProperty({ type: () => [BatchDeleteResultDto] })
  results!: BatchDeleteResultDto[];
}
