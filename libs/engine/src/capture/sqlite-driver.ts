import { existsSync } from 'node:fs';

/** The part of the better-sqlite3 interface that is used here. */
export interface SqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): { get(): Record<string, unknown> | undefined };
  close(): void;
}

type Constructor = new (path: string, options: { timeout: number }) => SqliteDatabase;

let driver: Constructor | null | undefined;

/**
 * Opens an existing database, or answers null where the optional driver is not installed (its binary exists for common
 * platforms only) or the file is gone: the driver would create an empty one.
 */
export function openDatabase(path: string): SqliteDatabase | null {
  driver ??= loadDriver();
  if (driver === null || !existsSync(path)) return null;
  return new driver(path, { timeout: 1000 });
}

function loadDriver(): Constructor | null {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- optional: its absence is an expected state
    return require('libsql') as Constructor;
  } catch {
    return null;
  }
}
