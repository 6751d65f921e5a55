import type { NestExpressApplication } from '@nestjs/platform-express';
import { DomainError } from '@pawvault/contracts';
import type { Middleware, Request } from '../http';
import { bodyBytes, hasBody, MAX_SMALL_BODY_BYTES } from './body-size';
import { mayTakeItsTime } from './body-time';
import { LINGER_BYTES } from './linger';
import { pathOf } from './request-id';

const JSON_TYPE = /^application\/json[ \t]*(;|$)/i;

/** Bodies are JSON or refused; the parser behind this leaves other kinds alone, and they would look like an empty body. */
export const jsonOnly: Middleware = (request, _response, next) => {
  if (hasBody(request)) admitBody(request);
  next();
};

/** JSON is for the parser on every route, also where archives are taken: there it may not take its time either. */
function admitBody(request: Request): void {
  if (JSON_TYPE.test(request.headers['content-type'] ?? '')) refuseLarge(request);
  else if (takesArchives(request)) mayTakeItsTime(request);
  else throw new DomainError('UNSUPPORTED_MEDIA_TYPE');
}

/** The parser reads what is too large to its end before it says so, be it 5 GB. */
function refuseLarge(request: Request): void {
  const announced = bodyBytes(request);
  if (announced === Infinity) cutEndless(request);
  else if (announced > MAX_SMALL_BODY_BYTES) throw tooLarge();
}

const tooLarge = (): DomainError =>
  new DomainError('PAYLOAD_TOO_LARGE', undefined, { max_bytes: MAX_SMALL_BODY_BYTES });

function cutEndless(request: Request): void {
  let received = 0;
  request.on('data', (piece: Buffer) => {
    received += piece.length;
    if (received > LINGER_BYTES) request.socket.destroy();
  });
}

/** Routes that read the body themselves, as a stream. */
const ARCHIVE_ROUTES = new Set(['/api/v1/imports', '/api/backups/import']);

const takesArchives = (request: Request): boolean =>
  ARCHIVE_ROUTES.has(pathOf(request)) || pathOf(request).startsWith('/api/v1/uploads');

export function parseJsonBodies(app: NestExpressApplication): void {
  app.useBodyParser('json', { limit: MAX_SMALL_BODY_BYTES, strict: true, type: 'application/json' });
}

/** The parser's errors carry a `type` of its own, and a message that quotes the body. null for an error of somebody else. */
export function bodyRefusal(error: unknown): DomainError | null {
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;
  switch (type) {
    case 'entity.too.large':
      return tooLarge();
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new DomainError('UNSUPPORTED_MEDIA_TYPE');
    default:
      return typeof type === 'string' ? new DomainError('VALIDATION_FAILED', 'The body cannot be read') : null;
  }
}
