import { closeSync, ftruncateSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { holdDirectory, identityOf } from '@pawvault/durable-fs';
import { canMount, readTree, skipped } from '@pawvault/testing';
import { DatabaseFiles } from '../capture/database-files';
import { lockForReading } from '../capture/sqlite-read-lock';
import { backUp, bareInstance, PREFIX } from '../spec-support/bare-instance';
import { payloadFor, plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { HookedRunner } from '../spec-support/hooked-runner';
import { mount } from '../spec-support/mounting';
import { createBackup } from './create-backup';
import { planBackup } from './plan-backup';

const MIB = 1 << 20;
const SCOPE = { include_global_config: false, include_secrets: false, include_skill_pool: false };
const itMounts = canMount() ? it : skipped('needs the right to mount');

/** A closed database of about so many bytes. */
function database(path: string, bytes: number): void {
  const created = new Libsql(path);
  created.exec(`CREATE TABLE pad AS SELECT randomblob(${bytes}) AS x`);
  created.close();
}

describe('copies of databases', () => {
  it('are gone as soon as they are packed: of large ones there is never more than one', async () => {
    const { workspace, directories } = bareInstance();
    for (let i = 0; i < 6; i++) {
      database(join(workspace, `large-${i}.db`), 2 * MIB);
      database(join(workspace, `small-${i}.db`), 1000);
      if (i % 2 === 0) writeFileSync(join(workspace, `large-${i}.db-journal`), '');
    }
    const seen: number[] = [];
    const work = join(directories.backupDir, '.pawvault', 'work');
    const pool = new HookedRunner(() => {
      const [job = ''] = readdirSync(work);
      seen.push(readdirSync(join(work, job)).filter((name) => name.startsWith('sqlite-')).length);
    });
    const { view, job } = await backUp({ ...plainEngine(directories), pool });
    expect(job.codes).toEqual([]);
    expect(view.names.filter((name) => name.endsWith('.db'))).toHaveLength(12);
    expect(Math.max(...seen)).toBe(1);
  });

  it('with holes do not count with what they do not take', async () => {
    const { workspace, directories } = bareInstance({ 'a.txt': 'x' });
    const fd = openSync(join(workspace, 'sparse.mdb'), 'w');
    ftruncateSync(fd, 8 * 2 ** 40);
    writeSync(fd, 'end', 12345);
    closeSync(fd);
    const plan = await planBackup(
      plainEngine(directories),
      { payload: payloadFor({ mode: 'partial', scope: SCOPE }), rescue: null },
      new RecordedJob(),
    );
    plan.close();
    expect(plan.totals).toEqual({ files: 2, bytes: 8 * 2 ** 40 + 1 });
  });

  itMounts('count in the check of space, and a full disk names the largest files', async () => {
    const { workspace, directories } = bareInstance({ 'a.txt': 'x' });
    database(join(workspace, 'history.db'), 6 * MIB);
    mount(directories.backupDir, '-t', 'tmpfs', '-o', 'size=20m', 'tmpfs');
    const payload = payloadFor({ mode: 'partial', scope: SCOPE });
    const copy = statSync(join(workspace, 'history.db')).size;
    await expect(createBackup(plainEngine(directories), payload, new RecordedJob())).rejects.toMatchObject({
      code: 'DISK_FULL',
      details: {
        database_copy_bytes: copy,
        needed_bytes: expect.any(Number) as number,
        largest_files: [{ path: `${PREFIX}history.db`, bytes: copy }, { path: `${PREFIX}a.txt` }],
      },
    });
  });
});

describe('the read lock', () => {
  it('is held on the database that was listed, and writes nothing beside it', () => {
    const { workspace } = bareInstance();
    const path = join(workspace, 'history.db');
    const live = new Libsql(path);
    live.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)');
    const directory = holdDirectory(workspace);
    const before = readTree(workspace);
    const files = new DatabaseFiles(directory, 'history.db');
    const lock = lockForReading(files, identityOf(statSync(path)));
    expect(lock).not.toBeNull();
    live.exec('INSERT INTO t VALUES (2)');
    live.exec('PRAGMA wal_checkpoint(RESTART)');
    lock?.release();
    expect(Object.keys(readTree(workspace))).toEqual(Object.keys(before));
    live.close();
    expect(lockForReading(files, { dev: 1, ino: 1 })).toBeNull();
    expect(lockForReading(new DatabaseFiles(directory, 'none.db'), { dev: 1, ino: 1 })).toBeNull();
    expect(readdirSync(workspace)).toEqual(['history.db']);
    directory.close();
  });
});
