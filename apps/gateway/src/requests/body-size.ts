import type { Request } from '../http';

/** JSON is small. Only archives are larger, and their routes have a limit of their own. */
export const MAX_SMALL_BODY_BYTES = 1024 * 1024;

/** Bytes that a request announces; Infinity when it only says that there is a body. */
export function bodyBytes({ headers }: Request): number {
  if (headers['transfer-encoding'] !== undefined) return Infinity;
  const announced = Number(headers['content-length'] ?? 0);
  return Number.isFinite(announced) ? announced : Infinity;
}

export const hasBody = (request: Request): boolean => bodyBytes(request) > 0;
