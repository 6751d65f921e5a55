import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type AuditAction, DomainError } from '@pawvault/contracts';
import { catchError, concatMap, from, type Observable } from 'rxjs';
import type { Request } from '../http';
import { type AuditOutcome, AuditTrail } from './audit-trail';

const ACTION = 'pawvault:audit';

/** What the audit log is to say of a route: once before it acts, once with what came of it. */
export const Audited = (action: AuditAction): MethodDecorator => SetMetadata(ACTION, action);

/** Writes the audit records of routes that are {@link Audited}. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly trail: AuditTrail,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const action = this.reflector.get<AuditAction | undefined>(ACTION, context.getHandler());
    if (action === undefined) return next.handle();
    const request = context.switchToHttp().getRequest<Request & { params?: Record<string, unknown> }>();
    const facts = { request, action, backupId: textOf(request.params?.['id']) };
    return from(this.trail.before(facts)).pipe(
      concatMap(() => next.handle()),
      concatMap(async (answer: unknown) => {
        await this.trail.after({ ...facts, ...outcomeOf(answer) });
        return answer;
      }),
      catchError(async (error: unknown) => {
        const code = error instanceof DomainError ? error.code : 'INTERNAL_ERROR';
        await this.trail.after({ ...facts, outcome: 'refused', code, jobId: null, details: {} });
        throw error;
      }),
    );
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

type Answer = Partial<Record<'id' | 'job_id' | 'type' | 'results', unknown>>;

/** Routes answer with the job that does the work, with the results of what they did themselves, or with nothing that the log needs. */
function outcomeOf(answer: unknown): Pick<AuditOutcome, 'outcome' | 'code' | 'jobId' | 'details'> {
  const { id, job_id, type, results }: Answer = typeof answer === 'object' && answer !== null ? answer : {};
  const jobId = textOf(job_id) ?? (type === undefined ? null : textOf(id));
  return { outcome: 'done', code: null, jobId, details: results === undefined ? {} : { results } };
}
