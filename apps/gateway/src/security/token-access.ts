import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccessToken } from '@pawvault/config';
import { DomainError } from '@pawvault/contracts';
import type { Middleware, Next, Request, Response } from '../http';
import type { DownloadTickets } from './download-tickets';
import { identify, type Principal } from './principal';

export interface TokenRules {
  /** What stands for a token in the address of a download. */
  tickets: DownloadTickets;
  /** Decides whether a wrong token is told so, or to wait. */
  onWrong: Middleware;
}

/**
 * Identifies whoever sends one of the tokens, or a ticket that was given to it. All tokens are compared, in constant time, so that the time of
 * an answer tells neither whether a guess was close nor which token it was close to.
 */
export function byToken(tokens: readonly AccessToken[], { tickets, onWrong }: TokenRules): Middleware {
  const known = tokens.map(({ name, role, sha256 }) => ({ name, role, digest: Buffer.from(sha256, 'hex') }));
  const decide = (request: Request, response: Response, next: Next) => (principal: Principal | null) => {
    if (principal === null) {
      onWrong(request, response, (error) => next(error ?? new DomainError('UNAUTHORIZED')));
      return;
    }
    identify(request, principal);
    next();
  };
  return (request, response, next) => {
    const settle = decide(request, response, next);
    if (request.headers.authorization !== undefined) settle(matching(known, digestOf(given(request))));
    else void tickets.redeem(request).then(settle, next);
  };
}

const given = ({ headers }: Request): string => /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1] ?? '';

function matching(known: readonly (Principal & { digest: Buffer })[], digest: Buffer): Principal | null {
  let found: Principal | null = null;
  for (const each of known) if (timingSafeEqual(digest, each.digest)) found = each;
  return found === null ? null : { name: found.name, role: found.role };
}

/** Equal lengths, whatever was sent. */
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
