import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noise, tempDir } from '@pawvault/testing';
import { renameBackup } from '../rename/rename-backup';
import { backUp, bareInstance } from '../spec-support/bare-instance';
import { fullPayload, RecordedJob, remainsIn, threadedEngine } from '../spec-support/engine-bench';
import { itMounts, mountSmallDisk, remount } from '../spec-support/small-disk';
import { verifyBackup } from '../verify/verify-backup';
import { createBackup } from './create-backup';

const MIB = 1 << 20;
/** A file system of its own of so many MiB. */
function smallDisk(mebibytes: number): string {
  const path = tempDir('disk');
  mountSmallDisk(path, mebibytes);
  return path;
}

const freeOn = (path: string): number => statfsSync(path).bavail * statfsSync(path).bsize;

itMounts('a disk that fills up while the archive is written: DISK_FULL, nothing left, and all space back', async () => {
  const disk = smallDisk(20);
  const { directories } = bareInstance({
    'a.txt': 'small',
    'm.bin': noise('media', 14 * MIB),
    'n.bin': noise('more', 6 * MIB),
  });
  const backupDir = join(disk, 'backups');
  const engine = threadedEngine({ ...directories, backupDir });
  mkdirSync(backupDir);
  // 20 MiB need 21 MiB even if they shrank to a quarter: room for the check, and then none for the archive.
  remount(disk, 'size=64m');
  const job = new RecordedJob();
  job.afterReport = (_, { phase }) => phase === 'packing' && remount(disk, 'size=12m');
  const free = freeOn(disk);
  await expect(createBackup(engine, fullPayload(), job)).rejects.toMatchObject({
    name: 'DomainError',
    code: 'DISK_FULL',
  });
  expect(remainsIn(backupDir)).toEqual({ archives: [], work: [], others: [] });
  remount(disk, 'size=64m');
  expect(free - freeOn(disk)).toBeLessThan(64 * 1024);
  const { backup_id: id } = await createBackup(engine, fullPayload(), new RecordedJob());
  await expect(verifyBackup(engine, { backup_id: id }, new RecordedJob())).resolves.toMatchObject({ state: 'ok' });
});

itMounts('a disk that cannot hold the backup even if it shrinks: refused before anything is written', async () => {
  const disk = smallDisk(17);
  const { directories } = bareInstance({ 'm.bin': noise('media', 12 * MIB) });
  const backupDir = join(disk, 'backups');
  const job = new RecordedJob();
  await expect(createBackup(threadedEngine({ ...directories, backupDir }), fullPayload(), job)).rejects.toMatchObject({
    code: 'DISK_FULL',
    details: {
      path: backupDir,
      content_bytes: 12 * MIB + expectedConfigBytes(directories.configFile),
      free_bytes: expect.any(Number) as number,
    },
  });
  expect(readdirSync(backupDir)).toEqual([]);
});

const expectedConfigBytes = (path: string): number => Number(execFileSync('stat', ['-c', '%s', path]).toString());

itMounts('a disk that holds the backup only if it compresses well: a warning, and the backup', async () => {
  const disk = smallDisk(24);
  const { directories } = bareInstance({ 'log.txt': Buffer.alloc(20 * MIB, 'the same line again\n') });
  const { job, result } = await backUp(threadedEngine({ ...directories, backupDir: join(disk, 'backups') }));
  expect(job.warnings).toEqual([expect.objectContaining({ code: 'DISK_SPACE_LOW' })]);
  expect(result.bytes).toBe(20 * MIB);
});

itMounts('a disk too small for the new name of a backup: DISK_FULL, and the archive as it was', async () => {
  const disk = smallDisk(64);
  const { directories } = bareInstance({ 'm.bin': noise('media', 6 * MIB) });
  const engine = threadedEngine({ ...directories, backupDir: join(disk, 'backups') });
  const { result } = await backUp(engine);
  execFileSync('mount', ['-o', 'remount,size=8m', disk]);
  const renaming = renameBackup(engine, { backup_id: result.backup_id, name: 'new' }, new RecordedJob());
  await expect(renaming).rejects.toMatchObject({ name: 'DomainError', code: 'DISK_FULL' });
  await expect(verifyBackup(engine, { backup_id: result.backup_id }, new RecordedJob())).resolves.toMatchObject({
    state: 'ok',
    trust: 'valid',
  });
  expect(remainsIn(join(disk, 'backups')).work).toEqual([]);
});

itMounts('a database whose copy does not fit is a full disk, not an unreadable file', async () => {
  const disk = smallDisk(64);
  const { directories, workspace } = bareInstance({ 'a.txt': 'x' });
  writeFileSync(
    join(workspace, 'history.db'),
    Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(14 * MIB)]),
  );
  const engine = threadedEngine({ ...directories, backupDir: join(disk, 'backups') });
  const job = new RecordedJob();
  job.afterReport = (_, { phase }) => phase === 'packing' && execFileSync('mount', ['-o', 'remount,size=8m', disk]);
  await expect(createBackup(engine, fullPayload(), job)).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect(remainsIn(join(disk, 'backups'))).toMatchObject({ archives: [], work: [] });
});
