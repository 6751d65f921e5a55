import { ERRORS } from './error-table';

export type ErrorCode = keyof typeof ERRORS;

/** The serialised form of a {@link DomainError}: what a failed job keeps and what the API answers. */
export interface ErrorView {
  code: ErrorCode;
  message: string;
  details: Record<string, unknown>;
}

/** An expected refusal or failure with a stable code. `message` is for people; only `code` may be matched on. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: ErrorCode,
    message: string = ERRORS[code].title,
    readonly details: Record<string, unknown> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(ERRORS, value);

/** Any thrown value as an {@link ErrorView}; what is not a DomainError becomes INTERNAL_ERROR without its message. */
export function toErrorView(error: unknown): ErrorView {
  if (error instanceof DomainError) return { code: error.code, message: error.message, details: error.details };
  return { code: 'INTERNAL_ERROR', message: ERRORS.INTERNAL_ERROR.title, details: {} };
}
