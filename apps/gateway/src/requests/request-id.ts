import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const ACCEPTED = /^[\w.-]{1,64}$/;

/** Takes over the id that a proxy in front gave, if it is harmless, else makes one; the answer carries it. */
export function assignRequestId(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && ACCEPTED.test(given) ? given : randomUUID();
  response.setHeader('X-Request-Id', id);
  return id;
}

export const requestIdOf = (request: IncomingMessage): string => (typeof request.id === 'string' ? request.id : '');

/** Without the query, which may hold what the user searched for. */
export const pathOf = (request: { originalUrl: string }): string => request.originalUrl.split('?', 1)[0] ?? '';
