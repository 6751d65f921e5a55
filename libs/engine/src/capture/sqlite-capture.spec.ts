import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { noise, tempDir } from '@pawvault/testing';
import { backUp, bareInstance, PREFIX } from '../spec-support/bare-instance';
import { plainEngine, threadedEngine } from '../spec-support/engine-bench';
import { rowsIn, startWriter } from '../spec-support/live-database';
import { located } from '../spec-support/located-file';
import type { CapturedCopy, SqliteCapture } from '../threads/tasks';
import { captureSqlite } from './sqlite-capture';
import { isSqlite } from './sqlite-header';

/** A database with 100 rows, closed. */
function database(path: string, setup = ''): void {
  const created = new Libsql(path);
  created.exec(`${setup} CREATE TABLE messages (body TEXT); CREATE VIRTUAL TABLE words USING fts5(body);`);
  const insert = created.prepare('INSERT INTO messages (body) VALUES (?)');
  for (let i = 0; i < 101; i++) insert.run(`message ${i}`);
  created.exec('DELETE FROM messages WHERE rowid = 1');
  created.close();
}

/** A database in WAL mode whose last rows are in the log only, as a crash leaves it. */
function crashed(directory: string): string {
  const live = join(directory, 'live.db');
  const connection = new Libsql(live);
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE messages (body TEXT);');
  for (let i = 0; i < 50; i++) connection.prepare('INSERT INTO messages (body) VALUES (?)').run(`message ${i}`);
  const left = join(directory, 'crashed.db');
  for (const suffix of ['', '-wal', '-shm']) copyFileSync(`${live}${suffix}`, `${left}${suffix}`);
  connection.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${live}${suffix}`, { force: true });
  return left;
}

/** A capture that has to end in a copy. */
function captured(path: string, workDir: string): CapturedCopy & Pick<SqliteCapture, 'warning'> & { size: number } {
  const capture = captureSqlite({ at: located(path), workDir });
  if (capture.kind === 'raw') throw new Error('nothing was copied');
  return { ...capture.copy, size: capture.size, warning: capture.warning };
}

const workIn = (directory: string): string => {
  const work = join(directory, 'work');
  mkdirSync(work);
  return work;
};

describe('captureSqlite', () => {
  it('copies a database at rest page by page, and leaves it untouched', () => {
    const directory = tempDir('sqlite');
    const path = join(directory, 'history.db');
    database(path, 'PRAGMA auto_vacuum = NONE;');
    const before = readFileSync(path);
    const capture = captured(path, workIn(directory));
    expect(capture).toMatchObject({ state: 'sound', warning: null, size: before.length });
    expect(readFileSync(capture.path).equals(before)).toBe(true);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(rowsIn(capture.path)).toEqual({ rows: 100, firstRowid: 2, integrity: 'ok' });
  });

  it('works a log in that a crash has left, and takes no part of it away', () => {
    const directory = tempDir('sqlite');
    const path = crashed(directory);
    const files = readdirSync(directory);
    const log = readFileSync(`${path}-wal`);
    const capture = captured(path, workIn(directory));
    expect(capture).toMatchObject({ state: 'sound', warning: null });
    expect(readdirSync(join(capture.path, '..'))).toEqual(['database']);
    expect(rowsIn(capture.path)).toMatchObject({ rows: 50, integrity: 'ok' });
    expect(readdirSync(directory)).toEqual([...files, 'work'].sort());
    expect(readFileSync(`${path}-wal`).equals(log)).toBe(true);
  });

  it('rolls a hot journal back: the copy is as before the transaction that a crash cut off', () => {
    const directory = tempDir('sqlite');
    const path = join(directory, 'history.db');
    database(path);
    const connection = new Libsql(path);
    // A cache of one page spills changes to the file in the middle of the transaction.
    connection.exec(
      "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; UPDATE messages SET body = body || ' changed'; DELETE FROM messages WHERE rowid > 10;",
    );
    for (let i = 0; i < 400; i++) connection.prepare('INSERT INTO messages (body) VALUES (?)').run('x'.repeat(900));
    const hot = join(directory, 'hot.db');
    for (const suffix of ['', '-journal']) copyFileSync(`${path}${suffix}`, `${hot}${suffix}`);
    connection.exec('ROLLBACK');
    connection.close();
    expect(statSync(hot).size).toBeGreaterThan(statSync(path).size);
    const capture = captured(hot, workIn(directory));
    expect(capture.state).toBe('sound');
    expect(rowsIn(capture.path)).toEqual({ rows: 100, firstRowid: 2, integrity: 'ok' });
    expect(existsSync(`${hot}-journal`)).toBe(true);
  });

  it('holds what was committed while another program goes on writing', async () => {
    const directory = tempDir('sqlite');
    const path = crashed(directory);
    const work = workIn(directory);
    const writer = await startWriter(path);
    try {
      for (let round = 0; round < 5; round++) {
        const before = await writer.rows();
        const capture = captured(path, work);
        const after = await writer.rows();
        expect(capture).toMatchObject({ state: 'sound', warning: null });
        const { rows, integrity } = rowsIn(capture.path);
        expect(integrity).toBe('ok');
        expect(rows).toBeGreaterThanOrEqual(before);
        // What was committed last may not have been told yet.
        expect(rows).toBeLessThanOrEqual(after + 1);
      }
    } finally {
      await writer.stop();
    }
  });

  it.each<[string, (path: string) => void]>([
    ['is cut off', (path) => writeFileSync(path, readFileSync(path).subarray(0, 5000))],
    [
      'holds noise',
      (path) => writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, 100), noise('db', 9000)])),
    ],
    ['is only a header', (path) => writeFileSync(path, 'SQLite format 3\0')],
  ])('keeps a database that %s as it is, and says so', (_, damage) => {
    const directory = tempDir('sqlite');
    const path = join(directory, 'history.db');
    database(path);
    damage(path);
    const capture = captured(path, workIn(directory));
    expect(capture).toMatchObject({ state: 'unstable', warning: { code: 'SQLITE_NOT_SOUND', details: { path } } });
    expect(readFileSync(capture.path).equals(readFileSync(path))).toBe(true);
  });

  it('does not bring a work directory back that a cancel took away', () => {
    const directory = tempDir('sqlite');
    const path = join(directory, 'history.db');
    database(path);
    expect(() => captured(path, join(directory, 'gone'))).toThrow(/ENOENT/);
    expect(existsSync(join(directory, 'gone'))).toBe(false);
  });
});

it('a database is told by its header', () => {
  expect(isSqlite(Buffer.from('SQLite format 3\0 and more'))).toBe(true);
  expect(isSqlite(Buffer.from('SQLite format 3'))).toBe(false);
  expect(isSqlite(Buffer.from('SQLite format 2\0'))).toBe(false);
  expect(isSqlite(Buffer.alloc(0))).toBe(false);
});

describe('in a backup', () => {
  it('databases of any name and size enter as one sound file each, and stray logs stay files', async () => {
    const { directories, workspace } = bareInstance({ 'notes-wal': 'no log at all', 'orphan.db-wal': 'left alone' });
    database(join(workspace, 'Cookies'));
    database(join(workspace, 'large.bin'));
    const filler = new Libsql(join(workspace, 'large.bin'));
    filler.exec('CREATE TABLE pad AS SELECT randomblob(3000000) AS x');
    filler.close();
    copyFileSync(crashed(join(workspace, '..')), join(workspace, 'crashed.db'));
    copyFileSync(join(workspace, '..', 'crashed.db-wal'), join(workspace, 'crashed.db-wal'));
    appendFileSync(join(workspace, 'crashed.db-shm'), 'index');
    const { view, job, result } = await backUp(threadedEngine(directories));
    const files = view.names
      .filter((name) => name.startsWith(PREFIX) && name !== PREFIX)
      .map((name) => name.slice(PREFIX.length));
    expect(files).toEqual(['Cookies', 'crashed.db', 'large.bin', 'notes-wal', 'orphan.db-wal']);
    expect(job.codes).toEqual([]);
    expect(result.omission_count).toBe(0);
    const unpacked = tempDir('unpacked');
    for (const [name, rows] of [
      ['Cookies', 100],
      ['large.bin', 100],
      ['crashed.db', 50],
    ] as const) {
      writeFileSync(join(unpacked, name), view.content(PREFIX + name));
      expect(rowsIn(join(unpacked, name))).toMatchObject({ rows, integrity: 'ok' });
    }
  });

  it('an unsound database is there, marked and reported', async () => {
    const { directories, workspace } = bareInstance();
    database(join(workspace, 'history.db'));
    const cut = readFileSync(join(workspace, 'history.db')).subarray(0, 5000);
    writeFileSync(join(workspace, 'history.db'), cut);
    const { view, job } = await backUp(plainEngine(directories));
    expect(view.content(`${PREFIX}history.db`).equals(cut)).toBe(true);
    expect(view.manifest.get(`${PREFIX}history.db`)?.unstable).toBe(true);
    expect(job.codes).toEqual(['SQLITE_NOT_SOUND']);
  });
});
