import { DomainError } from '@pawvault/contracts';
import { ipKeyGenerator, MINUTE, rateLimit } from 'express-rate-limit';
import type { Middleware, Request } from '../http';
import { isIdentified, principalOf } from './principal';

type Limiter = ReturnType<typeof rateLimit>;

/** A wrong token is a mistake or an attack; either needs fewer tries than work does. */
const SHARE_OF_GUESSES = 10;

const refuse = (): never => {
  throw new DomainError('RATE_LIMITED');
};

const perMinute = (limit: number, keyGenerator: (request: Request) => string): Limiter =>
  rateLimit({
    windowMs: MINUTE,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => keyGenerator(request),
    handler: refuse,
    validate: { xForwardedForHeader: false },
  });

const pass: Middleware = (_request, _response, next) => next();

/** @param limit requests of one token in a minute; 0: none. What needs no token is not counted. */
export function workLimit(limit: number): Middleware {
  if (limit === 0) return pass;
  const limiter = perMinute(limit, (request) => principalOf(request).name) as unknown as Middleware;
  return (request, response, next) => (isIdentified(request) ? limiter(request, response, next) : next());
}

/**
 * To be asked about requests with a wrong token alone: they must not lock out those who know a right one and come from the same address,
 * as behind a proxy everybody does.
 */
export const guessLimit = (limit: number): Middleware =>
  limit === 0
    ? pass
    : (perMinute(Math.max(1, Math.ceil(limit / SHARE_OF_GUESSES)), ({ socket }) =>
        ipKeyGenerator(socket.remoteAddress ?? ''),
      ) as unknown as Middleware);
