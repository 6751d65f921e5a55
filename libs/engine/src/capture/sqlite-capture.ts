import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { JobWarning } from '@pawvault/contracts';
import { holdListed } from '@pawvault/durable-fs';
import type { CapturedCopy, CaptureSqliteInput, SqliteCapture } from '../threads/tasks';
import { closeAll, DatabaseFiles, type OpenFile } from './database-files';
import { pathOf } from './located';
import { openDatabase, type SqliteDatabase } from './sqlite-driver';
import { lockForReading, type ReadLock } from './sqlite-read-lock';
import { pause, sameState } from './stable-read';

const ATTEMPTS = 3;
const PAUSE_MS = 30;
const COPY_BYTES = 1 << 20;

/** The files that belong to a database while it is in use; `-shm` is an index over `-wal` and never worth keeping. */
export const SQLITE_SIDECARS = ['-wal', '-journal', '-shm'] as const;

/**
 * Captures a database that may be in use as one sound file in `workDir`, page by page as it is (no VACUUM: rowids stay).
 *
 * First without touching it: database, WAL and journal are copied, and the copy counts when neither the database nor the beginning
 * of the WAL changed meanwhile: it is then what a power cut would have left, and SQLite recovers that by design. A
 * database that is written all the time is copied under a read transaction instead, which holds checkpoints off.
 * Copies are recovered, checkpointed and quick-checked where the SQLite driver is available.
 *
 * The copy lies in a directory of its own, which is the caller's to remove.
 */
export function captureSqlite({ at, workDir }: CaptureSqliteInput): SqliteCapture {
  const directory = join(workDir, `sqlite-${randomBytes(6).toString('hex')}`);
  // Not recursive: after a cancel the work directory is gone, and must not come back.
  mkdirSync(directory, { mode: 0o700 });
  let capture: SqliteCapture | null = null;
  try {
    const held = holdListed(at.place.root, at.place.relative, at.place);
    try {
      capture = captureInto(directory, { files: new DatabaseFiles(held, at.base), path: pathOf(at) });
      return capture;
    } finally {
      held.close();
    }
  } finally {
    if (capture?.kind !== 'copy') removeCopy({ directory });
  }
}

/** Gives the space of a copy back. Best done as soon as it has been read. */
export const removeCopy = ({ directory }: Pick<CapturedCopy, 'directory'>): void =>
  rmSync(directory, { recursive: true, force: true });

interface Original {
  files: DatabaseFiles;
  /** For messages. */
  path: string;
}

function captureInto(directory: string, original: Original): SqliteCapture {
  const target = join(directory, 'database');
  let fault = 'it changed during every attempt to copy it';
  for (let attempt = 1; attempt <= ATTEMPTS + 1; attempt++) {
    const copied = attempt <= ATTEMPTS ? copyUntouched(original.files, target) : copyUnderLock(original.files, target);
    const check = copied ? finish(target) : null;
    if (check?.state === 'unchecked') return rawOrPlain(original, { directory, path: target }, check.why);
    if (check?.state === 'sound') return copyOf({ directory, path: target, state: 'sound' }, null);
    if (check?.state === 'unsound') fault = `its integrity check says: ${check.why.slice(0, 200)}`;
    pause(PAUSE_MS * attempt);
  }
  // The last attempt may have ended before it copied anything; an unsound database is still worth more than none.
  if (!existsSync(target)) copyUntouched(original.files, target);
  return copyOf({ directory, path: target, state: 'unstable' }, warn('SQLITE_NOT_SOUND', original.path, fault));
}

const copyOf = (copy: CapturedCopy, warning: JobWarning | null): SqliteCapture => ({
  kind: 'copy',
  copy,
  size: statSync(copy.path).size,
  warning,
});

/** Without a driver a WAL cannot be worked in: then the files are taken as they lie. */
function rawOrPlain(original: Original, copy: Omit<CapturedCopy, 'state'>, fault: string | null): SqliteCapture {
  if (existsSync(`${copy.path}-wal`) || existsSync(`${copy.path}-journal`)) {
    const why = `${fault ?? 'no SQLite driver is installed'}; the database and its log were copied as they are`;
    return { kind: 'raw', warning: warn('SQLITE_RAW_COPY', original.path, why) };
  }
  if (fault === null) return copyOf({ ...copy, state: 'sound' }, null);
  return copyOf({ ...copy, state: 'unstable' }, warn('SQLITE_NOT_SOUND', original.path, fault));
}

/** @returns whether the copy is of one moment */
function copyUntouched(source: DatabaseFiles, target: string): boolean {
  clear(target);
  const files = source.open();
  try {
    const walHead = readHead(files, '-wal');
    for (const { fd, suffix } of files) copyDescriptor(fd, `${target}${suffix}`);
    const unchanged = files.every(({ fd, suffix, stat }) => {
      const after = fstatSync(fd);
      // A WAL may grow: its frames carry checksums, and SQLite stops at the last commit that is whole.
      return suffix === '-wal'
        ? after.size >= stat.size && walHead.equals(readHead(files, '-wal'))
        : sameState(stat, after);
    });
    return unchanged && source.stillAre(files);
  } finally {
    closeAll(files);
  }
}

/** Copies while a read transaction of our own is open; where none can be had, as it lies. */
function copyUnderLock(source: DatabaseFiles, target: string): boolean {
  clear(target);
  const opened = source.open();
  let lock: ReadLock | null = null;
  try {
    const [main] = opened;
    lock = main === undefined ? null : lockForReading(source, main.stat);
    // Once more: what was there before the lock may be gone, and a WAL may have come.
    const files = source.open();
    opened.push(...files);
    for (const { fd, suffix } of files) copyDescriptor(fd, `${target}${suffix}`);
    return true;
  } finally {
    lock?.release();
    // After the transaction: closing any descriptor of a file drops all POSIX locks of this process on it.
    closeAll(opened);
  }
}

function readHead(files: readonly OpenFile[], suffix: string): Buffer {
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

/** `unchecked`: the driver is not installed (no reason), or failed before it could look. */
type Check = { state: 'sound' } | { state: 'unsound'; why: string } | { state: 'unchecked'; why: string | null };

/** Recovers the copy, empties its WAL into it and checks it. */
function finish(target: string): Check {
  let database: SqliteDatabase | null;
  try {
    database = openDatabase(target);
  } catch (error) {
    return { state: 'unchecked', why: `the SQLite driver failed (${messageOf(error)})` };
  }
  if (database === null) return { state: 'unchecked', why: null };
  try {
    database.exec(RECOVER);
    database.exec(CHECK);
    return { state: 'sound' };
  } catch (error) {
    const message = messageOf(error);
    return { state: 'unsound', why: message.startsWith('CHECK constraint') ? 'it is damaged' : message };
  } finally {
    database.close();
    for (const suffix of SQLITE_SIDECARS) rmSync(`${target}${suffix}`, { force: true });
  }
}

const RECOVER = 'SELECT count(*) FROM sqlite_master; PRAGMA wal_checkpoint(TRUNCATE);';
/** Fails unless the check says `ok`. */
const CHECK = `PRAGMA temp_store = MEMORY;
  CREATE TEMP TABLE quick_check (verdict TEXT CHECK (verdict = 'ok'));
  INSERT INTO quick_check SELECT quick_check FROM pragma_quick_check(1);`;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function clear(target: string): void {
  for (const suffix of ['', ...SQLITE_SIDECARS]) rmSync(`${target}${suffix}`, { force: true });
}

const warn = (code: string, path: string, why: string): JobWarning => ({
  code,
  message: `The database ${basename(path)} may not be sound in the backup: ${why}`,
  details: { path },
});
