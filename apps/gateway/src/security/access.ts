import { createHash, timingSafeEqual } from 'node:crypto';
import { DomainError } from '@pawvault/contracts';
import type { Middleware, Request } from '../http';
import { pathOf } from '../requests/request-id';
import { isAllowedHost } from './host-name';

export interface AccessRules {
  token: string | null;
  allowedHosts: readonly string[];
  /** Requests for what holds no data, like the page that asks for the token. They must name an allowed host all the same. */
  needsNoToken: (request: Request) => boolean;
}

const OPEN_PATHS = new Set(['/health/live', '/api/v1/health/live']);
const HARMLESS_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Lets in who may. With a token: who knows it. Without one PawVault listens on loopback only, and the danger is a web page in the user's
 * browser: one that rebinds its own name to 127.0.0.1 is stopped by its Host header, one that posts across origins by its Origin.
 */
export function access({ token, allowedHosts, needsNoToken }: AccessRules): Middleware {
  const admit = token === null ? (request: Request) => admitLocal(request, allowedHosts) : byToken(token, needsNoToken);
  return (request, _response, next) => {
    if (!OPEN_PATHS.has(pathOf(request))) admit(request);
    next();
  };
}

function byToken(token: string, needsNone: (request: Request) => boolean): (request: Request) => void {
  const expected = digest(token);
  return (request) => {
    if (needsNone(request)) return;
    const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!timingSafeEqual(digest(given), expected)) throw new DomainError('UNAUTHORIZED');
  };
}

/** Equal lengths, whatever was sent, so that the comparison tells nothing by its time. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function admitLocal(request: Request, allowedHosts: readonly string[]): void {
  const { host } = request.headers;
  if (!isAllowedHost(host, allowedHosts) || hostAndPort(`http://${host}`) === null)
    throw new DomainError('HOST_NOT_ALLOWED');
  if (!HARMLESS_METHODS.has(request.method) && isForeign(request)) throw new DomainError('ORIGIN_NOT_ALLOWED');
}

/** Browsers name the origin of every request that changes something; programs name none. */
function isForeign({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return headers.origin !== undefined && hostAndPort(headers.origin) !== hostAndPort(`http://${headers.host}`);
}

/** A default port is left out, so that `localhost:80` and `localhost` are one place; null for what is no address, like `null`. */
const hostAndPort = (url: string): string | null => (URL.canParse(url) ? new URL(url).host : null);
