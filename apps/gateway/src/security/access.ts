import type { AccessToken } from '@pawvault/config';
import { DomainError } from '@pawvault/contracts';
import { isForConsole } from '../console/serve-console';
import type { Middleware, Request } from '../http';
import { pathOf } from '../requests/request-id';
import type { DownloadTickets } from './download-tickets';
import { isAllowedHost } from './host-name';
import { identify, LOCAL } from './principal';
import { byToken } from './token-access';

export interface AccessRules {
  /** Empty: none is needed. */
  tokens: readonly AccessToken[];
  allowedHosts: readonly string[];
  tickets: DownloadTickets;
  /** What becomes of a request with a wrong token, see {@link guessLimit}. */
  onWrongToken: Middleware;
}

const OPEN_PATHS = new Set(['/health/live', '/api/v1/health/live']);
/** The documentation is the same everywhere and tells nothing about anybody; a browser cannot send a token with its first request. */
const DOCUMENTATION = /^\/api\/(docs(\/.*)?|openapi\.json)$/;
const HARMLESS_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Lets in who may. With a token: who knows it. Without one PawVault listens on loopback only, and the danger is a web page in the user's
 * browser: one that rebinds its own name to 127.0.0.1 is stopped by its Host header, one that posts across origins by its Origin.
 */
export function access({ tokens, allowedHosts, tickets, onWrongToken }: AccessRules): Middleware {
  const admit = tokens.length === 0 ? byHost(allowedHosts) : byToken(tokens, { tickets, onWrong: onWrongToken });
  return (request, response, next) => {
    const path = pathOf(request);
    if (OPEN_PATHS.has(path) || (tokens.length > 0 && (DOCUMENTATION.test(path) || isForConsole(request)))) next();
    else admit(request, response, next);
  };
}

const byHost =
  (allowedHosts: readonly string[]): Middleware =>
  (request, _response, next) => {
    admitLocal(request, allowedHosts);
    identify(request, LOCAL);
    next();
  };

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
