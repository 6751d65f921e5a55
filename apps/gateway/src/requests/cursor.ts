import { DomainError } from '@pawvault/contracts';

/** A cursor is opaque to clients: the JSON of a position, in URL-safe base64. */
export const writeCursor = (position: readonly string[]): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

/**
 * @param expected how many parts a position of this list has; the first names the list, so that no cursor is taken for another's
 * @throws DomainError VALIDATION_FAILED
 */
export function readCursor(cursor: string, expected: { list: string; length: number }): string[] {
  const position = parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  const sound =
    Array.isArray(position) &&
    position.length === expected.length &&
    position.every((part) => typeof part === 'string') &&
    position[0] === expected.list;
  if (!sound)
    throw new DomainError('VALIDATION_FAILED', 'cursor is not one that this list gave out', { fields: ['cursor'] });
  return position;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
