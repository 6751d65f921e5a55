import { ApiProperty } from '@nestjs/swagger';
import {
  AUDIT_ACTIONS,
  type AuditAction,
  type AuditEvent,
  type AuditProof,
  type AuditRecord,
  ROLES,
} from '@pawvault/contracts';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

export class AuditRecordDto implements AuditRecord {
  @ApiProperty({ type: Number, description: 'From 1, without gaps' })
  seq!: number;

  @ApiProperty({ type: String, format: 'date-time' })
  at!: string;

  @ApiProperty({ enum: AUDIT_ACTIONS })
  action!: AuditAction;

  @ApiProperty({ enum: ['requested', 'done', 'refused', 'failed'] })
  outcome!: AuditEvent['outcome'];

  @ApiProperty({ type: String, description: 'Name of the token, `local` where none is needed, or `worker`' })
  actor!: string;

  @ApiProperty({ enum: [...ROLES, 'worker'] })
  role!: AuditEvent['role'];

  @ApiProperty({ type: String, nullable: true })
  backup_id!: string | null;

  @ApiProperty({ type: String, nullable: true })
  job_id!: string | null;

  @ApiProperty({ type: String, nullable: true })
  request_id!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The error code of what was refused or failed' })
  code!: string | null;

  @ApiProperty({ type: Object })
  details!: Record<string, unknown>;

  @ApiProperty({ type: String, description: 'Hash of the record before' })
  previous!: string;

  @ApiProperty({ type: String, description: 'sha256 of the rest of the record' })
  hash!: string;
}

export class AuditPageDto {
  @ApiProperty({ type: () => [AuditRecordDto], description: 'Newest first' })
  records!: AuditRecord[];

  @ApiProperty({ type: Number, nullable: true, description: '`before` of the next page' })
  next!: number | null;
}

export class AuditProofDto implements AuditProof {
  @ApiProperty({ enum: ['intact', 'broken'] })
  state!: AuditProof['state'];

  @ApiProperty({ type: Number })
  records!: number;

  @ApiProperty({
    type: String,
    description: 'Hash of the newest record that fits: kept elsewhere, it proves that nothing was cut off',
  })
  head!: string;

  @ApiProperty({ type: Number, nullable: true, description: 'The first record that is missing or does not fit' })
  broken_at!: number | null;
}

export class AuditQuery {
  @ApiProperty({ type: Number, required: false, description: 'Only records with a smaller number' })
  @Min(1)
  @IsInt()
  @Type(() => Number)
  @IsOptional()
  before?: number;

  @ApiProperty({ type: Number, required: false, default: 100, minimum: 1, maximum: 1000 })
  @Max(1000)
  @Min(1)
  @IsInt()
  @Type(() => Number)
  @IsOptional()
  limit: number = 100;
}
