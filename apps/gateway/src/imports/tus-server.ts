import { DomainError, type ErrorCode } from '@pawvault/contracts';
import { ERRORS, Server, TUS_VERSION } from '@tus/server';
import type { Request, Response } from '../http';
import { hasBody } from '../requests/body-size';

const PIECE = 'application/offset+octet-stream';

/** The server of the tus library, but for its refusals: it throws them, and they are answered like all others. */
export class TusServer extends Server {
  /** Its own answers are only refusals; what it does otherwise is answered by its handlers. */
  override write(...[, , , status, body]: Parameters<Server['write']>): never {
    throw fromTus({ status_code: status, body: body ?? '' });
  }
}

/**
 * What the protocol demands of every request, and what the library would let pass.
 * @throws DomainError UPLOAD_PROTOCOL_UNSUPPORTED, UNSUPPORTED_MEDIA_TYPE
 */
export function admitTusRequest(request: Request, response: Response): void {
  // What the guards have let in is what is done: the library would take another method from here.
  delete request.headers['x-http-method-override'];
  // Several proxies may have written here, and the library refuses what it does not even use.
  delete request.headers['x-forwarded-proto'];
  if (request.method === 'OPTIONS') return;
  if (request.headers['tus-resumable'] !== TUS_VERSION[0]) {
    response.setHeader('Tus-Version', TUS_VERSION.join(','));
    throw new DomainError('UPLOAD_PROTOCOL_UNSUPPORTED');
  }
  const isPiece = request.headers['content-type'] === PIECE;
  if (!isPiece && (request.method === 'PATCH' || hasBody(request)))
    throw new DomainError('UNSUPPORTED_MEDIA_TYPE', `A piece of an upload has the type ${PIECE}`);
}

interface TusRefusal {
  status_code: number;
  body: string;
}

const CODES = new Map<string, ErrorCode>([
  [ERRORS.FILE_NOT_FOUND.body, 'IMPORT_NOT_FOUND'],
  [ERRORS.FILE_NO_LONGER_EXISTS.body, 'IMPORT_NOT_FOUND'],
  [ERRORS.INVALID_OFFSET.body, 'UPLOAD_OFFSET_CONFLICT'],
  [ERRORS.ABORTED.body, 'UPLOAD_BUSY'],
]);

/** The library throws plain objects, errors that look like them, ours, and whatever else fails. */
export function fromTus(error: unknown): unknown {
  if (error instanceof DomainError || !isTusRefusal(error)) return error;
  const { status_code: status, body } = error;
  const code = CODES.get(body);
  if (code !== undefined) return new DomainError(code);
  if (status === 413) return new DomainError('PAYLOAD_TOO_LARGE', body.trim());
  // Also what it calls not implemented: nobody has promised it.
  if (status < 500 || status === 501)
    return new DomainError('VALIDATION_FAILED', body.trim(), { fields: fieldsIn(body) });
  return error instanceof Error ? error : new Error(body.trim());
}

/** The headers that it names, as in `Invalid upload-length upload-metadata`. */
const fieldsIn = (body: string): string[] => body.match(/(?<=^| )upload-[a-z-]+/gi) ?? [];

const isTusRefusal = (error: unknown): error is TusRefusal =>
  typeof error === 'object' && error !== null && 'status_code' in error && 'body' in error;
