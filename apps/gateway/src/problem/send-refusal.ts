import type { Response } from '../http';

/** Seconds after which a request that met an outage may be repeated. */
const RETRY_AFTER = '2';
/** What a route may have said of the answer that it could not give. */
const OF_CONTENT = ['Content-Disposition', 'Content-Length', 'ETag', 'Last-Modified', 'Accept-Ranges'];

/** Answers with JSON instead of what was asked for; an answer that has begun can only be broken off. */
export function sendRefusal(
  response: Response,
  { status, type, body }: { status: number; type: string; body: unknown },
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (status === 503) response.setHeader('Retry-After', RETRY_AFTER);
  for (const name of OF_CONTENT) response.removeHeader(name);
  response.setHeader('Cache-Control', 'no-store');
  response.statusCode = status;
  response.setHeader('Content-Type', type);
  response.end(JSON.stringify(body));
}
