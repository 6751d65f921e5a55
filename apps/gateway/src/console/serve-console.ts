import { DomainError } from '@pawvault/contracts';
import type { Middleware, Request, Response } from '../http';
import { pathOf } from '../requests/request-id';
import { consolePolicy } from '../security/headers';
import { acceptedEncoding, type Encoding } from './accepted-encoding';
import { ASSETS, type ConsoleFile, type ConsoleFiles, INDEX } from './console-files';
import { NOT_BUILT_PAGE } from './not-built-page';

/** What the routes answer, in whatever case they are written; all other addresses belong to the console. */
const ROUTES = /^\/(api|health|metrics)(\/|$)/i;

/**
 * True for the pages and files of the console, which hold no data and so need no token. Whatever this is true of must end in
 * `serveConsole`, never in a route, or an odd spelling of a route would be a way around the token.
 */
export function isForConsole(request: Request): boolean {
  return (request.method === 'GET' || request.method === 'HEAD') && !ROUTES.test(pathOf(request));
}

/**
 * Answers with the console: its files, and its page for every other address that a browser may be opened or reloaded at.
 * @throws DomainError ROUTE_NOT_FOUND for what is neither
 */
export function serveConsole(files: ConsoleFiles | null): Middleware {
  return (request, response, next) => {
    if (!isForConsole(request)) return next();
    const path = pathOf(request);
    const asked = path === INDEX ? undefined : files?.get(path);
    if (asked !== undefined) return sendFile(request, response, asked);
    if (!wantsPage(request, path)) throw new DomainError('ROUTE_NOT_FOUND');
    const page = files?.get(INDEX);
    if (page === undefined) sendNotBuilt(request, response);
    else sendPage(request, response, page);
  };
}

/** Scripts and styles that are gone since an update are not answered with a page: a browser would try to run it. */
const wantsPage = ({ headers }: Request, path: string): boolean =>
  path === '/' || (!path.startsWith(ASSETS) && /\btext\/html\b/i.test(headers.accept ?? ''));

function sendFile(request: Request, response: Response, file: ConsoleFile): void {
  response.setHeader('Cache-Control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('ETag', file.etag);
  if (request.headers['if-none-match'] === file.etag) {
    response.statusCode = 304;
    response.end();
  } else send(request, response, file);
}

/** The page names the files of one build, so it is asked for anew every time. */
function sendPage(request: Request, response: Response, page: ConsoleFile): void {
  for (const [name, value] of consolePolicy) response.setHeader(name, value);
  send(request, response, page);
}

function send({ method, headers }: Request, response: Response, file: ConsoleFile): void {
  const atHand = Object.keys(file.compressed) as Encoding[];
  const encoding = acceptedEncoding(headers['accept-encoding'], atHand);
  const body = (encoding === null ? undefined : file.compressed[encoding]) ?? file.plain;
  if (encoding !== null) response.setHeader('Content-Encoding', encoding);
  if (atHand.length > 0) response.setHeader('Vary', 'Accept-Encoding');
  response.setHeader('Content-Type', file.type);
  response.setHeader('Content-Length', body.length);
  response.end(method === 'HEAD' ? undefined : body);
}

function sendNotBuilt({ method }: Request, response: Response): void {
  response.statusCode = 503;
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(method === 'HEAD' ? undefined : NOT_BUILT_PAGE);
}
