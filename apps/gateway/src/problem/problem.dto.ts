import { ApiProperty } from '@nestjs/swagger';
import { type ErrorCode, ERRORS, type ErrorView } from '@pawvault/contracts';
import type { Problem } from './problem';

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** The code of an error, in a schema of its own because it appears in several places. */
export const codeProperty = { enum: CODES, enumName: 'ErrorCode' };
const details = { type: 'object', additionalProperties: true, description: 'Depends on the code' } as const;

export class ErrorViewDto implements ErrorView {
  @ApiProperty(codeProperty)
  code!: ErrorCode;

  @ApiProperty({ description: 'For people' })
  message!: string;

  @ApiProperty(details)
  details!: Record<string, unknown>;
}

export class ProblemDto implements Problem {
  @ApiProperty({ format: 'uri', example: 'urn:pawvault:error:BACKUP_NOT_FOUND' })
  type!: string;

  @ApiProperty({ description: 'What the code means' })
  title!: string;

  @ApiProperty({ type: 'integer', description: 'The HTTP status' })
  status!: number;

  @ApiProperty({ description: 'What happened this time, for people' })
  detail!: string;

  @ApiProperty({ ...codeProperty, description: 'Stable; see docs/errors.md' })
  code!: ErrorCode;

  @ApiProperty({ description: 'What to do about it' })
  remedy!: string;

  @ApiProperty(details)
  details!: Record<string, unknown>;

  @ApiProperty({ description: 'Path of the request' })
  instance!: string;

  @ApiProperty({ description: 'Also in the header X-Request-Id and in the logs' })
  request_id!: string;
}
