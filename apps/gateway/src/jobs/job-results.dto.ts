import { ApiProperty } from '@nestjs/swagger';
import type { CreateResult, RenameResult, VerifyProblem, VerifyResult } from '@pawvault/contracts';
import { ExclusionCountDto, OmissionDto } from '../backups/module-stats.dto';

export class CreateResultDto implements CreateResult {
  @ApiProperty() backup_id!: string;

  @ApiProperty({ type: 'integer', description: 'Bytes of the archive' })
  size!: number;

  @ApiProperty({ type: [String] })
  agents!: string[];

  @ApiProperty({ type: 'integer', description: 'Regular files and symbolic links' })
  files!: number;

  @ApiProperty({ type: 'integer', description: 'Of their content' })
  bytes!: number;

  @ApiProperty({ type: () => [OmissionDto], description: 'The first 100; the manifest holds all' })
  omissions!: OmissionDto[];

  @ApiProperty({ type: 'integer' })
  omission_count!: number;

  @ApiProperty({ type: () => [ExclusionCountDto] })
  exclusions!: ExclusionCountDto[];

  @ApiProperty({ type: 'integer' })
  duration_ms!: number;
}

export class VerifyProblemDto implements VerifyProblem {
  @ApiProperty() code!: string;

  @ApiProperty({ type: String, nullable: true, description: 'The entry; null for the archive as a whole' })
  path!: string | null;

  @ApiProperty() message!: string;
}

export class VerifyResultDto implements VerifyResult {
  @ApiProperty() backup_id!: string;

  @ApiProperty({ enum: ['ok', 'damaged'] })
  state!: VerifyResult['state'];

  @ApiProperty({ type: 'integer' })
  entries!: number;

  @ApiProperty({ type: 'integer' })
  bytes!: number;

  @ApiProperty({
    enum: ['valid', 'mismatch', 'unsigned', 'unknown_scheme'],
    description: 'A question of trust, not of damage',
  })
  trust!: VerifyResult['trust'];

  @ApiProperty({ enum: ['ok', 'absent', 'damaged'] })
  manifest!: VerifyResult['manifest'];

  @ApiProperty({ type: () => [VerifyProblemDto], description: 'The first 100' })
  problems!: VerifyProblemDto[];

  @ApiProperty({ type: 'integer' })
  problem_count!: number;

  @ApiProperty({ type: 'integer' })
  duration_ms!: number;
}

export class RenameResultDto implements RenameResult {
  @ApiProperty() backup_id!: string;
  @ApiProperty() name!: string;
  @ApiProperty() description!: string;
}
