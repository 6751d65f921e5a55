import { DomainError, type ImportView } from '@pawvault/contracts';
import type { Request } from '../http';
import { PendingTokenInstead } from './receive-upload';

/** A form without an archive, but with the token of an upload that came before, or what became of the archive. */
export type Reception = { pendingToken: string } | { view: ImportView };

export async function readPendingToken(
  request: Request,
  receive: (request: Request) => Promise<ImportView>,
): Promise<Reception> {
  try {
    return { view: await receive(request) };
  } catch (error) {
    if (error instanceof PendingTokenInstead) return { pendingToken: error.token };
    if (error instanceof DomainError && error.code === 'UPLOAD_INVALID')
      throw new DomainError('VALIDATION_FAILED', 'file is required', {}, { cause: error });
    throw error;
  }
}
