import { DomainError } from '@pawvault/contracts';
import type { Request } from '../http';

const expected = new WeakSet<object>();

/** Asks for the rest of something, and names the bytes that it belongs to: Chromium and Safari by If-Range, Firefox by If-Match. */
export const asksForTheRest = ({ method, headers }: Request): boolean =>
  method === 'GET' && /^bytes=[1-9]\d*-/.test(headers.range ?? '') && namedBytes(headers) !== undefined;

/** This request may only go on with a download: see {@link assertGoesOn}. */
export function expectToGoOn(request: Request): void {
  expected.add(request);
}

/**
 * To be called by whoever sends the bytes. The ETag is told to nobody but who has begun the download, so it proves that this one has.
 * @throws DomainError UNAUTHORIZED
 */
export function assertGoesOn(request: Request, etag: string): void {
  if (expected.has(request) && namedBytes(request.headers) !== etag) throw new DomainError('UNAUTHORIZED');
}

const namedBytes = (headers: Request['headers']): unknown => headers['if-range'] ?? headers['if-match'];
