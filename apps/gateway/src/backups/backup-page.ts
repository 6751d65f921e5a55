import type { BackupKind, BackupSummary } from '@pawvault/contracts';
import { readCursor, writeCursor } from '../requests/cursor';

export const SORTS = ['-created_at', 'created_at', 'name', '-name', 'size', '-size'] as const;
export type Sort = (typeof SORTS)[number];

export interface PageQuery {
  kind?: BackupKind | undefined;
  q?: string | undefined;
  sort: Sort;
  limit: number;
  cursor?: string | undefined;
}

export interface BackupPage {
  backups: BackupSummary[];
  next_cursor: string | null;
  /** All that match, on every page. */
  total: number;
}

type Key = readonly [value: string, id: string];

/**
 * Filters, sorts and cuts out a page. A cursor is the key of the last backup of the page before, so pages stay right while backups come
 * and go.
 * @throws DomainError VALIDATION_FAILED for a cursor of another list
 */
export function pageOf(backups: readonly BackupSummary[], query: PageQuery): BackupPage {
  const matching = backups.filter((backup) => matches(backup, query));
  const compare = comparator(query.sort);
  const keyed = matching.map((backup) => ({ backup, key: keyOf(backup, query.sort) }));
  keyed.sort((a, b) => compare(a.key, b.key));
  const after = query.cursor === undefined ? null : readKey(query.cursor, query.sort);
  const rest = after === null ? keyed : keyed.filter(({ key }) => compare(key, after) > 0);
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  return {
    backups: page.map(({ backup }) => backup),
    next_cursor: last !== undefined && rest.length > page.length ? writeCursor([query.sort, ...last.key]) : null,
    total: matching.length,
  };
}

function matches(backup: BackupSummary, { kind, q = '' }: PageQuery): boolean {
  const wanted = fold(q.trim());
  const texts = [backup.name, backup.description, backup.id, backup.file_name];
  return (kind === undefined || backup.kind === kind) && texts.some((text) => fold(text).includes(wanted));
}

/** Full-width and composed spellings of the same text match each other. */
const fold = (text: string): string => text.normalize('NFKC').toLowerCase();

/** Every key is text that sorts as its value does. */
function keyOf(backup: BackupSummary, sort: Sort): Key {
  const field = sort.replace('-', '') as 'created_at' | 'name' | 'size';
  if (field === 'size') return [String(backup.size).padStart(16, '0'), backup.id];
  return [field === 'name' ? fold(backup.name) : instantKey(backup.created_at), backup.id];
}

/** `…:00Z` and `…:00.5Z` in one form. */
const instantKey = (instant: string): string => `${instant.slice(0, 19)}.${instant.slice(20, -1).padEnd(9, '0')}`;

function comparator(sort: Sort): (a: Key, b: Key) => number {
  const direction = sort.startsWith('-') ? -1 : 1;
  return (a, b) => direction * order(a[0], b[0]) || order(a[1], b[1]);
}

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function readKey(cursor: string, sort: Sort): Key {
  const [, value = '', id = ''] = readCursor(cursor, { list: sort, length: 3 });
  return [value, id];
}
