import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { JobWarning } from '@pawvault/contracts';

export class JobWarningDto implements JobWarning {
  @ApiProperty() code!: string;
  @ApiProperty() message!: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  details?: Record<string, unknown>;
}
