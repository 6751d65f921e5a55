import { DomainError, type ErrorCode, ERRORS } from '@pawvault/contracts';
import { STATUS } from './status';

/** RFC 9457, with the members of this API: `code` is stable, `remedy` says what to do, `details` depend on the code. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  remedy: string;
  details: Record<string, unknown>;
  /** Path of the request. */
  instance: string;
  request_id: string;
}

export interface RequestPlace {
  path: string;
  requestId: string;
}

/** @param error what is no DomainError tells nothing of itself to the client */
export function toProblem(error: unknown, { path, requestId }: RequestPlace): Problem {
  const known = error instanceof DomainError ? error : new DomainError('INTERNAL_ERROR');
  return {
    type: `urn:pawvault:error:${known.code}`,
    title: ERRORS[known.code].title,
    status: STATUS[known.code],
    detail: known.message,
    code: known.code,
    remedy: ERRORS[known.code].remedy,
    details: known.details,
    instance: path,
    request_id: requestId,
  };
}
