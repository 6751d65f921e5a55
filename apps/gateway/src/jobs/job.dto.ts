import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import {
  type ErrorView,
  JOB_TYPES,
  type JobProgress,
  type JobState,
  type JobType,
  type JobView,
} from '@pawvault/contracts';
import { IsIn, IsOptional } from 'class-validator';
import { ImportDto } from '../imports/import.dto';
import { InstanceDto } from '../instance/instance.dto';
import { ErrorViewDto } from '../problem/problem.dto';
import { PageQuery } from '../requests/page-query';
import { RestorePlanDto, RestoreResultDto } from '../restores/restore-plan.dto';
import { CreateResultDto, RenameResultDto, VerifyResultDto } from './job-results.dto';
import { JobWarningDto } from './job-warning.dto';

const STATES = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const satisfies JobState[];

/** Which class documents the result of which kind of job; a kind without one does not compile. */
const RESULTS: Record<JobType, new () => object> = {
  'backup.create': CreateResultDto,
  'backup.verify': VerifyResultDto,
  'backup.rename': RenameResultDto,
  'backup.restore': RestoreResultDto,
  'restore.plan': RestorePlanDto,
  'import.check': ImportDto,
  'import.accept': ImportDto,
  'instance.inspect': InstanceDto,
};

export class JobProgressDto implements JobProgress {
  @ApiProperty() phase!: string;

  @ApiProperty({ description: 'By bytes; never falls, and 100 only with the result' })
  percent!: number;

  @ApiProperty({ type: String, nullable: true, description: 'The agent or module being worked on' })
  current!: string | null;

  @ApiProperty({ type: 'integer' }) agents_done!: number;
  @ApiProperty({ type: 'integer' }) agents_total!: number;
  @ApiProperty({ type: 'integer' }) files_done!: number;
  @ApiProperty({ type: 'integer' }) files_total!: number;
  @ApiProperty({ type: 'integer' }) bytes_done!: number;
  @ApiProperty({ type: 'integer' }) bytes_total!: number;
  @ApiProperty() bytes_per_second!: number;

  @ApiProperty({ type: Number, nullable: true })
  eta_seconds!: number | null;
}

@ApiExtraModels(...Object.values(RESULTS))
export class JobDto implements JobView {
  @ApiProperty() id!: string;

  @ApiProperty({ enum: JOB_TYPES, enumName: 'JobType' })
  type!: JobType;

  @ApiProperty({ enum: STATES, enumName: 'JobState' })
  state!: JobState;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  started_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finished_at!: string | null;

  @ApiProperty({ type: () => JobProgressDto, nullable: true, description: 'null until the worker has reported' })
  progress!: JobProgressDto | null;

  @ApiProperty({
    oneOf: [...new Set(Object.values(RESULTS))].map((model) => ({ $ref: getSchemaPath(model) })),
    nullable: true,
    description: 'By the type of the job; null until it has completed',
  })
  result!: JobView['result'];

  @ApiProperty({ type: () => ErrorViewDto, nullable: true })
  error!: ErrorView | null;

  @ApiProperty({ type: () => [JobWarningDto], description: 'What did not stop the job' })
  warnings!: JobWarningDto[];

  @ApiProperty({ type: String, nullable: true, description: 'The backup that the job makes or works on' })
  backup_id!: string | null;
}

export class JobListDto {
  @ApiProperty({ type: () => [JobDto], description: 'Newest first' })
  jobs!: JobView[];

  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;
}

export class ListJobsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: JOB_TYPES, enumName: 'JobType' })
  @IsIn(JOB_TYPES)
  @IsOptional()
  type?: JobType;

  @ApiPropertyOptional({ enum: STATES, enumName: 'JobState' })
  @IsIn(STATES)
  @IsOptional()
  state?: JobState;
}
