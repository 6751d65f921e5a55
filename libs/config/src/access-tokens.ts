import { createHash } from 'node:crypto';
import { isRole, type Role } from '@pawvault/contracts';

/** Who presents the text whose digest this is may act as `role`. The text itself is nowhere kept. */
export interface AccessToken {
  /** Shown in the audit log. */
  name: string;
  role: Role;
  /** Of the token's UTF-8 bytes, lower-case hex. A plain hash is enough for text that nobody chose and nobody can guess. */
  sha256: string;
}

const ENTRY = /^([a-z0-9][a-z0-9._-]{0,63}):([a-z]+):([0-9a-f]{64})$/;

/** One item of PAWVAULT_TOKENS, `name:role:sha256`; null when it is none. */
export function readAccessToken(item: string): AccessToken | null {
  const [, name = '', role = '', sha256 = ''] = ENTRY.exec(item) ?? [];
  return isRole(role) ? { name, role, sha256 } : null;
}

/** Every item can be read, and no name or digest stands twice: a second role for one token would be a riddle. */
export function areAccessTokens(items: readonly string[]): boolean {
  const tokens = items.map(readAccessToken).filter((token) => token !== null);
  return tokens.length === items.length && areDistinct(tokens);
}

/** No two of them have the same name or the same text. */
export const areDistinct = (tokens: readonly AccessToken[]): boolean =>
  (['name', 'sha256'] as const).every((key) => new Set(tokens.map((token) => token[key])).size === tokens.length);

/** PAWVAULT_TOKEN is an admin called `admin`; it is hashed here, so that no later mistake can print it. */
export function toAccessTokens(single: string | null, items: readonly string[]): AccessToken[] {
  const listed = items.map(readAccessToken).filter((token) => token !== null);
  return single === null ? listed : [{ name: 'admin', role: 'admin', sha256: digest(single) }, ...listed];
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
