import { HttpException } from '@nestjs/common';
import { type ErrorCode, ERRORS, toErrorView } from '@pawvault/contracts';
import { STATUS } from '../problem/status';
import { UnprocessableRequest } from './unprocessable-request';

/** An error as QwenPaw's server words it: FastAPI's `detail`. */
export interface WireError {
  status: number;
  body: { detail: unknown };
}

/** Codes that QwenPaw's console acts upon: they travel as an object. */
const CODED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'backup_legacy_unsigned',
  'backup_signature_mismatch',
  'backup_unknown_signature_scheme',
  'restore_target_busy',
]);

/** What QwenPaw calls absent: also an id that none can have. */
const ABSENT: Partial<Record<ErrorCode, string>> = {
  BACKUP_NOT_FOUND: 'Backup not found',
  BACKUP_ID_INVALID: 'Backup not found',
  JOB_NOT_FOUND: 'Backup job not found',
};

/** Statuses that say more than that the request was refused. 409 is not among them: QwenPaw's console takes it for a conflict of imports. */
const KEPT: ReadonlySet<number> = new Set([401, 403, 413, 415, 416]);

/** @param error what is neither a DomainError nor of this wire tells nothing of itself */
export function toWireError(error: unknown): WireError {
  if (error instanceof UnprocessableRequest) return { status: 422, body: { detail: error.issues } };
  if (error instanceof HttpException) return fromNest(error);
  const { code, message, details } = toErrorView(error);
  const absent = ABSENT[code];
  if (absent !== undefined) return { status: 404, body: { detail: absent } };
  if (CODED.has(code)) return { status: 400, body: { detail: { ...details, code, message } } };
  return { status: statusOf(STATUS[code]), body: { detail: message } };
}

const statusOf = (status: number): number => (status >= 500 || KEPT.has(status) ? status : 400);

/** Nest itself throws for paths that cannot be decoded. */
function fromNest(error: HttpException): WireError {
  const status = error.getStatus();
  return { status, body: { detail: status < 500 ? error.message : ERRORS.INTERNAL_ERROR.title } };
}
