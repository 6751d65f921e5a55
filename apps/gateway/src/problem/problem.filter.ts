import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { DomainError } from '@pawvault/contracts';
import { PinoLogger } from 'nestjs-pino';
import type { Request, Response } from '../http';
import { bodyRefusal } from '../requests/json-body';
import { pathOf, requestIdOf } from '../requests/request-id';
import type { AllowedMethods } from './allowed-methods';
import { type Problem, toProblem } from './problem';
import { sendRefusal } from './send-refusal';

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The one place where an error becomes an answer. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: PinoLogger,
    private readonly allowedMethods: AllowedMethods,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const error = fromNest(thrown) ?? this.noRoute(request, response);
    const problem = toProblem(error, { path: pathOf(request), requestId: requestIdOf(request) });
    this.log(error, problem);
    sendRefusal(request, response, { status: problem.status, type: PROBLEM_TYPE, body: problem });
  }

  /** Nobody answers: the path is not there, or not under this method. */
  private noRoute(request: Request, response: Response): DomainError {
    const allowed = this.allowedMethods(pathOf(request));
    if (allowed.length === 0 || allowed.includes(request.method)) return new DomainError('ROUTE_NOT_FOUND');
    response.setHeader('Allow', allowed.join(', '));
    return new DomainError('METHOD_NOT_ALLOWED', undefined, { allowed });
  }

  private log(error: unknown, { code, status, request_id }: Problem): void {
    if (!(error instanceof DomainError)) this.logger.error({ err: error, request_id }, 'request failed');
    else if (status >= 500) this.logger.warn({ err: error, code, request_id }, 'request could not be served');
  }
}

/** Nest itself throws for unknown routes, then there is no error yet, and for paths that cannot be decoded. */
function fromNest(thrown: unknown): unknown {
  if (!(thrown instanceof HttpException)) return bodyRefusal(thrown) ?? thrown;
  if (thrown.getStatus() === 404) return null;
  if (thrown.getStatus() < 500)
    return new DomainError('VALIDATION_FAILED', 'The request cannot be read', {}, { cause: thrown });
  return thrown;
}
