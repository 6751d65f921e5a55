import type Database from 'libsql';

export interface SampleDatabase {
  rows: number;
  /** Ends the writing program: its connection is closed, and SQLite folds the log into the file. */
  close(): void;
}

const ROWS = 200;

/** libsql is optional: its binary does not exist for every platform, and then loading it throws. */
function loadLibsql(): typeof Database {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would fail with the whole library
  return require('libsql') as typeof Database;
}

export function canOpenDatabases(): boolean {
  try {
    loadLibsql();
    return true;
  } catch {
    return false;
  }
}

/**
 * A database as a running instance has it: half of its rows are only in the write-ahead log, and a connection holds it open.
 * The table with the gap in its rowids shows whether a copy has renumbered them.
 */
export function openSampleDatabase(path: string): SampleDatabase {
  const Libsql = loadLibsql();
  const database = new Libsql(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = NORMAL;');
  database.exec('CREATE TABLE messages (body TEXT NOT NULL)');
  insertRows(database, ROWS / 2);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  insertRows(database, ROWS / 2);
  database.exec('DELETE FROM messages WHERE rowid = 1');
  return { rows: ROWS - 1, close: () => void database.close() };
}

function insertRows(database: Database.Database, count: number): void {
  const insert = database.prepare('INSERT INTO messages (body) VALUES (?)');
  for (let index = 0; index < count; index++) insert.run(`message ${index} — 你好 😀`);
}
