import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type BackupMeta,
  IMPORT_CHECKS,
  type ImportCheck,
  type ImportCheckName,
  type ImportConflict,
  type ImportState,
  type ImportView,
  TRUST_MODES,
  type TrustMode,
} from '@pawvault/contracts';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { BackupMetaDto } from '../backups/backup.dto';

const STATES = [
  'uploading',
  'checking',
  'needs_decision',
  'accepting',
  'accepted',
  'rejected',
] as const satisfies ImportState[];

export class ImportCheckDto implements ImportCheck {
  @ApiProperty({ enum: IMPORT_CHECKS })
  name!: ImportCheckName;

  @ApiProperty({ enum: ['passed', 'failed', 'decision', 'skipped'] })
  state!: ImportCheck['state'];

  @ApiProperty({ type: String, nullable: true, description: 'An error code, where it failed or wants a decision' })
  code!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The entry at fault' })
  entry!: string | null;

  @ApiProperty({ type: String, nullable: true })
  message!: string | null;
}

export class ImportConflictDto implements ImportConflict {
  @ApiProperty() id!: string;
  @ApiProperty() name!: string;
  @ApiProperty() created_at!: string;
  @ApiProperty({ type: 'integer', description: 'Bytes of its archive' }) size!: number;
}

export class ImportDto implements ImportView {
  @ApiProperty() id!: string;

  @ApiProperty({ enum: STATES })
  state!: ImportState;

  @ApiProperty({ type: String, nullable: true })
  file_name!: string | null;

  @ApiProperty({ type: 'integer', description: 'Bytes received' })
  size!: number;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When it is forgotten' })
  expires_at!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The job that checks or publishes it' })
  job_id!: string | null;

  @ApiProperty({ type: () => BackupMetaDto, nullable: true, description: 'What the archive says of itself' })
  meta!: BackupMeta | null;

  @ApiProperty({ type: () => [ImportCheckDto] })
  report!: ImportCheck[];

  @ApiProperty({ type: () => ImportConflictDto, nullable: true, description: 'The backup that has the same id' })
  conflict!: ImportConflict | null;

  @ApiProperty({ enum: TRUST_MODES, nullable: true, description: 'What `trust_mode` must be to accept it' })
  trust_needed!: TrustMode | null;

  @ApiProperty({ type: String, nullable: true })
  backup_id!: string | null;
}

export class ImportListDto {
  @ApiProperty({ type: () => [ImportDto], description: 'Newest first' })
  imports!: ImportView[];

  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;
}

export class AcceptImportBody {
  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Replaces the backup that has the same id' })
  @IsBoolean()
  @IsOptional()
  overwrite: boolean = false;

  @ApiPropertyOptional({ enum: TRUST_MODES, description: 'Vouches for an archive that is not signed here' })
  @IsIn(TRUST_MODES)
  @IsOptional()
  trust_mode?: TrustMode;
}
