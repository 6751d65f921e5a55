import type { ImportRecord } from './import-record';

/** A place in the list. */
export type ImportPosition = Pick<ImportRecord, 'id' | 'created_at'>;

export const positionOf = (record: ImportRecord | null): ImportPosition | null =>
  record === null ? null : { id: record.id, created_at: record.created_at };

export const newestFirst = (a: ImportPosition, b: ImportPosition): number =>
  order(b.created_at, a.created_at) || order(a.id, b.id);

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
