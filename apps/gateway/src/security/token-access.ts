import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccessToken } from '@pawvault/config';
import { DomainError } from '@pawvault/contracts';
import type { Middleware, Request } from '../http';
import { identify, type Principal } from './principal';

export interface TokenRules {
  /** Whose ticket a request brings, see {@link DownloadTickets}; null: it brings none. */
  holderOf: (request: Request) => Promise<Principal | null>;
  /** Decides whether a wrong token or ticket is told so, or to wait. */
  onWrong: Middleware;
}

/**
 * Identifies whoever sends one of the tokens. All are compared, in constant time, so that the time of an answer tells neither whether a
 * guess was close nor which token it was close to. A request without a token may bring a ticket instead.
 */
export function byToken(tokens: readonly AccessToken[], { holderOf, onWrong }: TokenRules): Middleware {
  const known = tokens.map(({ name, role, sha256 }) => ({ name, role, digest: Buffer.from(sha256, 'hex') }));
  const senderOf = async (request: Request): Promise<Principal | null> =>
    request.headers.authorization === undefined ? holderOf(request) : matching(known, digestOf(given(request)));
  return (request, response, next) => {
    const admit = (sender: Principal | null): void => {
      if (sender === null) {
        onWrong(request, response, (error) => next(error ?? new DomainError('UNAUTHORIZED')));
        return;
      }
      identify(request, sender);
      next();
    };
    senderOf(request).then(admit).catch(next);
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
