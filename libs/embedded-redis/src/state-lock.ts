import { DomainError } from '@pawvault/contracts';
import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { isAlive, readRecord, recordOf } from './process-record';

const ATTEMPTS = 20;

/**
 * Takes a lock that this process holds until it releases it or dies; the lock of a dead holder is taken over.
 *
 * The lock is a series of files `<path>.1`, `<path>.2`, …, of which the highest rules. Whoever finds its holder dead or
 * gone makes the next one, which succeeds for one process only. The highest file is never deleted, not even by a release,
 * so a slow starter cannot take a number that has been used. (To delete a dead holder's file and make it anew would let
 * two starters through: the second may delete the file that the first has just made.)
 *
 * Holders are told apart within one pid namespace; containers that share a state directory do not see each other.
 * @param path its directory is made, for this user alone
 * @returns releases the lock
 * @throws DomainError STATE_DIR_IN_USE with the pid of the holder
 */
export async function lockState(path: string): Promise<() => Promise<void>> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const candidate = `${path}-${process.pid}-${randomBytes(4).toString('hex')}`;
  await writeFile(candidate, JSON.stringify(await recordOf(process.pid)), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const mine = await takeNext(path, candidate);
      if (mine !== null) return () => writeFile(mine, '');
    }
    throw new DomainError('STATE_DIR_IN_USE', undefined, { path });
  } finally {
    await rm(candidate, { force: true });
  }
}

/** null when another starter was quicker; then look again. */
async function takeNext(path: string, candidate: string): Promise<string | null> {
  const [highest = 0] = await generations(path);
  if (highest > 0) await refuseIfHeld(`${path}.${highest}`);
  const mine = `${path}.${highest + 1}`;
  if (!(await linked(candidate, mine))) return null;
  const [ruling, ...older] = await generations(path);
  const superseded = ruling !== highest + 1;
  const done = superseded ? [highest + 1] : older;
  await Promise.all(done.map((generation) => rm(`${path}.${generation}`, { force: true })));
  return superseded ? null : mine;
}

/** The numbers that exist, highest first. */
async function generations(path: string): Promise<number[]> {
  const prefix = `${basename(path)}.`;
  const names = (await readdir(dirname(path))).filter((name) => name.startsWith(prefix));
  const numbers = names.map((name) => Number(name.slice(prefix.length)));
  return numbers.filter(Number.isSafeInteger).sort((a, b) => b - a);
}

/** A hard link is born with its content, and fails when the name is taken. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function refuseIfHeld(file: string): Promise<void> {
  const holder = await readRecord(file);
  if (holder === null || !(await isAlive(holder))) return;
  throw new DomainError('STATE_DIR_IN_USE', `Another PawVault (process ${holder.pid}) uses this state directory`, {
    path: file,
    pid: holder.pid,
  });
}
