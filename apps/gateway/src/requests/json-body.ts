import type { NestExpressApplication } from '@nestjs/platform-express';
import { DomainError } from '@pawvault/contracts';
import type { Middleware, Request } from '../http';
import { hasBody, mayTakeItsTime } from './body-time';
import { pathOf } from './request-id';

export const MAX_BODY_BYTES = 1024 * 1024;

const JSON_TYPE = /^application\/json[ \t]*(;|$)/i;

/** Bodies are JSON or refused; the parser behind this leaves other kinds alone, and they would look like an empty body. */
export const jsonOnly: Middleware = (request, _response, next) => {
  if (takesArchives(request)) mayTakeItsTime(request);
  else if (hasBody(request) && !JSON_TYPE.test(request.headers['content-type'] ?? ''))
    throw new DomainError('UNSUPPORTED_MEDIA_TYPE');
  next();
};

/** Routes that read the body themselves, as a stream. */
const ARCHIVE_ROUTES = new Set(['/api/v1/imports', '/api/backups/import']);

const takesArchives = (request: Request): boolean =>
  ARCHIVE_ROUTES.has(pathOf(request)) || pathOf(request).startsWith('/api/v1/uploads');

export function parseJsonBodies(app: NestExpressApplication): void {
  app.useBodyParser('json', { limit: MAX_BODY_BYTES, strict: true, type: 'application/json' });
}

/** The parser's errors carry a `type` of its own, and a message that quotes the body. null for an error of somebody else. */
export function bodyRefusal(error: unknown): DomainError | null {
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;
  switch (type) {
    case 'entity.too.large':
      return new DomainError('PAYLOAD_TOO_LARGE', undefined, { max_bytes: MAX_BODY_BYTES });
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new DomainError('UNSUPPORTED_MEDIA_TYPE');
    default:
      return typeof type === 'string' ? new DomainError('VALIDATION_FAILED', 'The body cannot be read') : null;
  }
}
