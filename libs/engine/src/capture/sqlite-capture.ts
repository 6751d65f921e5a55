import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { JobWarning } from '@pawvault/contracts';
import type { CaptureSqliteInput, SqliteCapture } from '../threads/tasks';
import { openDatabase, type SqliteDatabase } from './sqlite-driver';
import { pause, sameState } from './stable-read';

/** First 16 bytes of every SQLite 3 database (https://www.sqlite.org/fileformat.html, section 1.3). */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const ATTEMPTS = 3;
const PAUSE_MS = 30;
const COPY_BYTES = 1 << 20;

export const isSqlite = (head: Uint8Array): boolean =>
  head.length >= MAGIC.length && MAGIC.equals(head.subarray(0, MAGIC.length));

/** The files that belong to a database while it is in use; `-shm` is an index over `-wal` and never worth keeping. */
export const SQLITE_SIDECARS = ['-wal', '-journal', '-shm'] as const;

/**
 * Captures a database that may be in use as one sound file in `workDir`, page by page as it is (no VACUUM: rowids stay).
 *
 * First without touching it: database, WAL and journal are copied, and the copy counts when neither the database nor the beginning
 * of the WAL changed meanwhile: it is then what a power cut would have left, and SQLite recovers that by design. A
 * database that is written all the time is copied under a read transaction instead, which holds checkpoints off.
 * Copies are recovered, checkpointed and quick-checked where the SQLite driver is available.
 */
export function captureSqlite({ path, workDir }: CaptureSqliteInput): SqliteCapture {
  const directory = join(workDir, `sqlite-${randomBytes(6).toString('hex')}`);
  // Not recursive: after a cancel the work directory is gone, and must not come back.
  mkdirSync(directory, { mode: 0o700 });
  const target = join(directory, 'database');
  let fault = 'it changed during every attempt to copy it';
  for (let attempt = 1; attempt <= ATTEMPTS + 1; attempt++) {
    const copied = attempt <= ATTEMPTS ? copyUntouched(path, target) : copyUnderLock(path, target);
    const sound = copied ? finish(path, target) : null;
    if (sound === 'unchecked') return rawOrPlain(path, target);
    if (sound === 'ok') return { kind: 'copy', path: target, size: statSync(target).size, warning: null };
    if (sound !== null) fault = `its integrity check says: ${sound.slice(0, 200)}`;
    pause(PAUSE_MS * attempt);
  }
  // The last attempt may have ended before it copied anything; an unsound database is still worth more than none.
  if (!existsSync(target)) copyUntouched(path, target);
  return {
    kind: 'unstable',
    path: target,
    size: statSync(target).size,
    warning: warn('SQLITE_NOT_SOUND', path, fault),
  };
}

/** Without a driver a WAL cannot be worked in: then the files are taken as they lie. */
function rawOrPlain(path: string, target: string): SqliteCapture {
  if (!existsSync(`${target}-wal`) && !existsSync(`${target}-journal`)) {
    return { kind: 'copy', path: target, size: statSync(target).size, warning: null };
  }
  const warning = warn(
    'SQLITE_RAW_COPY',
    path,
    'no SQLite driver is installed; the database and its log were copied as they are',
  );
  return { kind: 'raw', path, size: statSync(path).size, warning };
}

/** @returns whether the copy is of one moment */
function copyUntouched(path: string, target: string): boolean {
  clear(target);
  const files = openSet(path);
  try {
    const before = files.map(({ fd }) => fstatSync(fd));
    const walHead = readHead(files, '-wal');
    for (const { fd, suffix } of files) copyDescriptor(fd, `${target}${suffix}`);
    return (
      files.every(({ fd, suffix }, i) => {
        const after = fstatSync(fd);
        const was = before[i];
        if (was === undefined || !existsSync(`${path}${suffix}`)) return false;
        // A WAL may grow: its frames carry checksums, and SQLite stops at the last commit that is whole.
        return suffix === '-wal'
          ? after.size >= was.size && walHead.equals(readHead(files, '-wal'))
          : sameState(was, after);
      }) && sidecarsOf(path).length === files.length - 1
    );
  } finally {
    for (const { fd } of files) closeSync(fd);
  }
}

/**
 * Copies while a read transaction of our own is open. The descriptors are closed after the transaction: closing any descriptor of a
 * file drops all POSIX locks of this process on it.
 */
function copyUnderLock(path: string, target: string): boolean {
  const database = openDatabase(path);
  if (database === null) return copyUntouched(path, target) || true;
  clear(target);
  const files = openSet(path);
  try {
    database.exec('BEGIN');
    database.prepare('SELECT count(*) AS n FROM sqlite_master').get();
    for (const { fd, suffix } of openMissing(path, files)) copyDescriptor(fd, `${target}${suffix}`);
    database.exec('ROLLBACK');
    return true;
  } catch {
    return false;
  } finally {
    database.close();
    for (const { fd } of files) closeSync(fd);
  }
}

interface OpenFile {
  suffix: string;
  fd: number;
}

const sidecarsOf = (path: string): string[] => ['-wal', '-journal'].filter((suffix) => existsSync(`${path}${suffix}`));

const openSet = (path: string): OpenFile[] =>
  ['', ...sidecarsOf(path)].map((suffix) => ({ suffix, fd: openSync(`${path}${suffix}`, 'r') }));

/** Opening the database may have created its WAL. */
function openMissing(path: string, files: OpenFile[]): OpenFile[] {
  for (const suffix of sidecarsOf(path)) {
    if (!files.some((file) => file.suffix === suffix)) files.push({ suffix, fd: openSync(`${path}${suffix}`, 'r') });
  }
  return files;
}

function readHead(files: OpenFile[], suffix: string): Buffer {
  const head = Buffer.alloc(32);
  const file = files.find((candidate) => candidate.suffix === suffix);
  if (file !== undefined) readSync(file.fd, head, 0, head.length, 0);
  return head;
}

function copyDescriptor(fd: number, target: string): void {
  const out = openSync(target, 'w', 0o600);
  try {
    const buffer = Buffer.allocUnsafe(COPY_BYTES);
    for (let at = 0; ;) {
      const count = readSync(fd, buffer, 0, buffer.length, at);
      if (count === 0) return;
      // A job that was cancelled takes its directory away; then a large copy must not go on filling the disk.
      if (!existsSync(target)) throw new Error('the work directory is gone');
      for (let done = 0; done < count;) done += writeSync(out, buffer, done, count - done);
      at += count;
    }
  } finally {
    closeSync(out);
  }
}

/**
 * Recovers the copy, empties its WAL into it and checks it.
 * @returns 'ok', 'unchecked' without a driver, or what the check found
 */
function finish(source: string, target: string): string {
  const database = openDatabase(target);
  if (database === null) return 'unchecked';
  try {
    return checkpointAndCheck(database);
  } catch (error) {
    return error instanceof Error ? error.message : basename(source);
  } finally {
    database.close();
    for (const suffix of SQLITE_SIDECARS) rmSync(`${target}${suffix}`, { force: true });
  }
}

function checkpointAndCheck(database: SqliteDatabase): string {
  database.prepare('SELECT count(*) AS n FROM sqlite_master').get();
  database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  const row = database.prepare('PRAGMA quick_check(1)').get();
  return typeof row?.['quick_check'] === 'string' ? row['quick_check'] : 'no answer';
}

function clear(target: string): void {
  for (const suffix of ['', ...SQLITE_SIDECARS]) rmSync(`${target}${suffix}`, { force: true });
}

const warn = (code: string, path: string, why: string): JobWarning => ({
  code,
  message: `The database ${basename(path)} may not be sound in the backup: ${why}`,
  details: { path },
});
