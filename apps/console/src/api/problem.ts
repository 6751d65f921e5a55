import { type ErrorCode, ERRORS, type ErrorView, isErrorCode } from '@pawvault/contracts';

/** What can go wrong between the page and the gateway, and so has no code of the API. */
export type LocalCode = 'CONNECTION_LOST' | 'UNEXPECTED_ANSWER';

/** Something that went wrong, as the console shows it: the catalogues have a sentence and a next step for every code. */
export interface Problem {
  code: ErrorCode | LocalCode;
  /** What happened this time, in English, from the server; empty when it says no more than the code. */
  detail: string;
  details: Record<string, unknown>;
  /** Finds the request in the logs; null where no request was answered. */
  requestId: string | null;
}

/** What was thrown because of a problem, for TanStack Query and everybody who catches. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(readonly problem: Problem) {
    super(problem.detail === '' ? problem.code : problem.detail);
  }
}

/**
 * The problem in the body of an answer. A proxy in between may have answered with anything.
 * @param body parsed JSON, or text that is none
 */
export function problemOf(body: unknown): Problem {
  if (!isRecord(body) || !isCode(body['code'])) return local('UNEXPECTED_ANSWER');
  const { code, detail, title, details, request_id: requestId } = body;
  return {
    code,
    detail: typeof detail === 'string' && detail !== title ? detail : '',
    details: isRecord(details) ? details : {},
    requestId: typeof requestId === 'string' ? requestId : null,
  };
}

/** The problem that ended a job, or that a listing or a verification tells of. */
export function problemOfView({ code, message, details = {} }: ErrorLike): Problem {
  const known = isCode(code) ? code : 'INTERNAL_ERROR';
  return { code: known, detail: message === ERRORS[known].title ? '' : message, details, requestId: null };
}

/** Whatever was thrown, as a problem: `fetch` throws a TypeError when nobody answers. */
export function problemOfThrown(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return local(error instanceof TypeError ? 'CONNECTION_LOST' : 'UNEXPECTED_ANSWER');
}

/** Whether asking again may help without anybody doing anything. */
export const isPassing = ({ code }: Problem): boolean => PASSING.has(code);

type ErrorLike = Pick<ErrorView, 'message'> & { code: string; details?: Record<string, unknown> };

const PASSING: ReadonlySet<string> = new Set(['CONNECTION_LOST', 'QUEUE_UNAVAILABLE', 'WORKER_UNAVAILABLE']);

const local = (code: LocalCode): Problem => ({ code, detail: '', details: {}, requestId: null });

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && isErrorCode(code);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
