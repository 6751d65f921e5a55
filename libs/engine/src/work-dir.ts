import { randomBytes } from 'node:crypto';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { holdStateDirectory, makeStateDirectory, removeTree } from '@pawvault/durable-fs';

/** Everything that a job has not published yet lies in a directory of its own here, on the file system of the backups. */
const WORK = join('.pawvault', 'work');
/** Behind a name that is not of this host, only time tells that its owner is gone. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/**
 * `<job>~<host>~<pid>~<random>`: who may still be writing here. Random, because an attempt that was taken for dead may be of this very
 * process, and must not find the files of its successor under its own path.
 */
const nameOf = (jobId: string): string =>
  [jobId, hostname(), String(process.pid), randomBytes(4).toString('hex')]
    .map((part) => part.replace(/[^\w.-]/g, '_'))
    .join('~');

/**
 * Makes the work directory of a job, and takes away those of its earlier attempts: a worker that was frozen and wakes up late then
 * finds its files gone and can publish nothing.
 */
export async function openWorkDir(backupDir: string, jobId: string): Promise<string> {
  const own = nameOf(jobId);
  const root = join(backupDir, WORK);
  makeStateDirectory({ root: backupDir, below: WORK }).close();
  const earlier = (await readdir(root)).filter((name) => name.split('~')[0] === own.split('~')[0]);
  for (const name of earlier) await removeTree(join(root, name));
  const path = join(root, own);
  await mkdir(path, { mode: 0o700 });
  return path;
}

/**
 * Removes what crashed runs left behind: directories of processes of this host that are gone, and those that nothing has touched for an
 * hour. Directories of live workers, here or on other hosts, stay.
 * @returns the names that were removed
 * @throws DomainError STATE_FILE_UNTRUSTED if the directory of all of them is not PawVault's own
 */
export async function removeLeftovers(backupDir: string): Promise<string[]> {
  const directory = holdStateDirectory({ root: backupDir, below: WORK });
  if (directory === null) return [];
  directory.close();
  const root = join(backupDir, WORK);
  const names = await readdir(root).catch(() => []);
  const removed: string[] = [];
  for (const name of names) {
    if (!(await isAbandoned(join(root, name), name))) continue;
    await removeTree(join(root, name));
    removed.push(name);
  }
  return removed;
}

async function isAbandoned(path: string, name: string): Promise<boolean> {
  const [, host, pid] = name.split('~');
  const mine = hostname().replace(/[^\w.-]/g, '_');
  if (host === mine && !isAlive(Number(pid))) return true;
  return Date.now() - (await newestChange(path)) > ABANDONED_AFTER_MS;
}

/** This process counts as dead: it has only just started, so the directory is of an earlier one that had the same id (a container's pid 1). */
function isAlive(pid: number): boolean {
  if (pid === process.pid || !Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function newestChange(path: string): Promise<number> {
  const names = await readdir(path).catch(() => []);
  const times = await Promise.all(
    [path, ...names.map((name) => join(path, name))].map((each) =>
      stat(each).then(
        (found) => found.mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(...times);
}
