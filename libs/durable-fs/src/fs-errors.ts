import { types } from 'node:util';
import { DomainError, type ErrorCode } from '@pawvault/contracts';
import { knownPath } from './held-directory';

const CODES: Record<string, ErrorCode> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EACCES: 'PERMISSION_DENIED',
  EPERM: 'PERMISSION_DENIED',
  EROFS: 'PERMISSION_DENIED',
};

/** The errno name of a failed system call (`ENOENT`), or undefined for every other error. */
export function errnoOf(error: unknown): string | undefined {
  // Not instanceof: an error of another realm (a vm context) is one as well.
  if (!types.isNativeError(error) || !('code' in error) || !('errno' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Gives a failed system call its stable code: DISK_FULL, PERMISSION_DENIED or IO_ERROR, with the path and errno in `details`.
 * A DomainError and anything that is no system call come back as they are.
 */
export function toDomainError(error: unknown, path?: string): unknown {
  const errno = errnoOf(error);
  if (error instanceof DomainError || errno === undefined) return error;
  const { path: told } = error as NodeJS.ErrnoException;
  const where = path ?? (told === undefined ? undefined : knownPath(told));
  const code = CODES[errno] ?? 'IO_ERROR';
  const details = { errno, ...(where === undefined ? {} : { path: where }) };
  return new DomainError(code, `${errno}${where === undefined ? '' : ` at ${where}`}`, details, { cause: error });
}
