import type { Request, Response } from '../http';
import { waitsToBeAsked } from '../requests/body-on-demand';
import { MAX_SMALL_BODY_BYTES, bodyBytes } from '../requests/body-size';
import { linger } from '../requests/linger';

/** Seconds after which a request that met an outage may be repeated. */
const RETRY_AFTER = '2';
/** What a route may have said of the answer that it could not give. */
const OF_CONTENT = ['Content-Disposition', 'ETag', 'Last-Modified', 'Accept-Ranges'];

export interface Refusal {
  status: number;
  /** Media type. */
  type: string;
  /** Becomes JSON. */
  body: unknown;
}

/**
 * Answers with JSON instead of what was asked for, also while a body arrives that nobody wants any more: the answer is whole at once, and the
 * connection ends behind it, without the client having to send everything first. An answer that has begun can only be broken off.
 */
export function sendRefusal(request: Request, response: Response, { status, type, body }: Refusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = JSON.stringify(body);
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (status === 503) response.setHeader('Retry-After', RETRY_AFTER);
  for (const name of OF_CONTENT) response.removeHeader(name);
  response.setHeader('Cache-Control', 'no-store');
  response.statusCode = status;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(text));
  // What was announced and not sent would be taken for the next request.
  if (waitsToBeAsked(request)) response.setHeader('Connection', 'close');
  if (waitsToBeAsked(request) || !isLargeAndArriving(request)) response.end(text);
  else endBehindBody(request, response, text);
}

/** The rest of a small body Node throws away by itself, and the connection stays. */
const isLargeAndArriving = (request: Request): boolean =>
  !request.complete && !request.destroyed && bodyBytes(request) > MAX_SMALL_BODY_BYTES;

function endBehindBody(request: Request, response: Response, text: string): void {
  response.setHeader('Connection', 'close');
  response.write(text);
  void linger(request).then(() => response.end());
}
