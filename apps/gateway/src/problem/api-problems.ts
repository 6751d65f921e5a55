import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { ErrorCode } from '@pawvault/contracts';
import { ProblemDto } from './problem.dto';
import { STATUS } from './status';

/** What any route may answer, but for the one that says whether the gateway lives. */
const EVERYWHERE: ErrorCode[] = ['UNAUTHORIZED', 'FORBIDDEN', 'HOST_NOT_ALLOWED', 'RATE_LIMITED'];

/** Documents the refusals of a route by their codes; the statuses follow from the table. */
export function ApiProblems(...own: ErrorCode[]): MethodDecorator {
  const codes = [...EVERYWHERE, ...own];
  const schema = { $ref: getSchemaPath(ProblemDto) };
  const responses = [...new Set(codes.map((code) => STATUS[code]))].map((status) => {
    const description = codes.filter((code) => STATUS[code] === status).join(', ');
    return ApiResponse({ status, description, content: { 'application/problem+json': { schema } } });
  });
  return applyDecorators(ApiExtraModels(ProblemDto), ...responses);
}
