import { existsSync } from 'node:fs';

/**
 * The part of the better-sqlite3 interface that is used here. No prepared statements: libsql keeps the files of a closed database open, and
 * their disk space taken, until the garbage collector finds its last statement.
 */
export interface SqliteDatabase {
  exec(sql: string): void;
  close(): void;
}

type Constructor = new (path: string, options: { timeout: number }) => SqliteDatabase;

/** Milliseconds that a statement waits for the locks of other programs. */
const TIMEOUT_MS = 1000;

let driver: Constructor | null | undefined;

/**
 * Opens an existing database that no other program uses, or answers null where the optional driver is not installed (its binary exists for
 * common platforms only) or the file is gone: the driver would create an empty one.
 * @throws whatever the driver throws
 */
export function openDatabase(path: string): SqliteDatabase | null {
  const Database = loadedDriver();
  return Database === null || !existsSync(path) ? null : new Database(path, { timeout: TIMEOUT_MS });
}

/**
 * Opens a database for reading alone: neither it nor its -wal and -shm are created or changed (https://www.sqlite.org/uri.html).
 * @returns null where the driver is not installed
 * @throws whatever the driver throws, for a file that does not exist among others
 */
export function openReadOnly(path: string): SqliteDatabase | null {
  const Database = loadedDriver();
  const uri = `file:${path.split('/').map(encodeURIComponent).join('/')}?mode=ro&readonly_shm=1`;
  return Database === null ? null : new Database(uri, { timeout: TIMEOUT_MS });
}

function loadedDriver(): Constructor | null {
  return (driver ??= loadDriver());
}

function loadDriver(): Constructor | null {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- optional: its absence is an expected state
    return require('libsql') as Constructor;
  } catch {
    return null;
  }
}
