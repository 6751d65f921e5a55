import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccessToken } from '@pawvault/config';
import { DomainError } from '@pawvault/contracts';
import type { Middleware, Request } from '../http';
import { identify, type Principal } from './principal';

/**
 * Identifies whoever sends one of the tokens. All are compared, in constant time, so that the time of an answer tells neither whether a
 * guess was close nor which token it was close to.
 * @param onWrong decides whether a wrong token is told so, or to wait
 */
export function byToken(tokens: readonly AccessToken[], onWrong: Middleware): Middleware {
  const known = tokens.map(({ name, role, sha256 }) => ({ name, role, digest: Buffer.from(sha256, 'hex') }));
  return (request, response, next) => {
    const principal = matching(known, digestOf(given(request)));
    if (principal === null) {
      onWrong(request, response, (error) => next(error ?? new DomainError('UNAUTHORIZED')));
      return;
    }
    identify(request, principal);
    next();
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
