import { createHash } from 'node:crypto';
import type { AuditEvent, AuditRecord } from '@pawvault/contracts';

/** What the first record names as its predecessor. */
export const NO_RECORD = '0'.repeat(64);

export function chain(event: AuditEvent, place: { seq: number; at: string; previous: string }): AuditRecord {
  const content = { ...place, ...event };
  return { ...content, hash: hashOf(content) };
}

/** A record whose own hash is right; null for what is none. */
export function readRecord(text: string): AuditRecord | null {
  const value = parse(text);
  if (typeof value !== 'object' || value === null || !('hash' in value)) return null;
  const { hash, ...content } = value;
  return hash === hashOf(content) ? (value as AuditRecord) : null;
}

/** sha256 over the JSON of the content with its keys sorted at every depth, so that whoever rewrites the file as equal JSON changes nothing. */
const hashOf = (content: object): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(content)))
    .digest('hex');

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
