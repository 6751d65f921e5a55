import { join, resolve } from 'node:path';
import { DomainError, type RestoreResult } from '@pawvault/contracts';
import {
  acquireFileLock,
  errnoOf,
  type FileLock,
  type HeldDirectory,
  holdDirectory,
  isPresent,
  readJournal,
  recover,
  type Recovery,
  targetChanged,
  toDomainError,
} from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import { trustOf } from '../instance/source-root';
import { recordRestore } from './completed-restores';
import { journalAuthority } from './journal-authority';
import { refuseDestination } from './plan/check-destinations';

/** On the file system of the working directory, because that is where the registry is swapped last. */
export const journalPathOf = (deps: Pick<EngineDeps, 'directories'>): string =>
  join(deps.directories.working_dir, JOURNAL_NAME);

const JOURNAL_NAME = '.pawvault_restore_journal.json';

/** QwenPaw takes this lock for its own restores and for its start. */
export const LOCK_NAME = '.qwenpaw_restore.lock';

const LOCK_MS = 10_000;

/**
 * Finishes or rolls back the restore that an earlier process left unfinished. To be called before a worker takes its first job; cheap where
 * there is nothing to do.
 * @throws DomainError restore_target_busy when the process is alive after all; RESTORE_JOURNAL_UNREADABLE, RESTORE_JOURNAL_UNTRUSTED
 */
export async function recoverInstance(
  deps: EngineDeps,
  signal: AbortSignal,
  options: { lockMs?: number } = {},
): Promise<Recovery> {
  const journalPath = journalPathOf(deps);
  if (!(await isPresent(journalPath)) && !(await isPresent(`${journalPath}.tmp`))) return { outcome: 'none' };
  const { lock, journalPath: realPath } = await lockInstance(deps, { timeoutMs: options.lockMs ?? LOCK_MS, signal });
  try {
    return await recoverLocked(deps, realPath);
  } catch (error) {
    throw toDomainError(targetChanged(error));
  } finally {
    await lock.release();
  }
}

export interface LockedInstance {
  lock: FileLock;
  /** Real path of the journal: what becomes of the path of the working directory from now on leads nowhere else. */
  journalPath: string;
}

/**
 * Takes the lock of the instance, in its working directory and nowhere else.
 * @throws as `acquireFileLock`; INSTANCE_NOT_FOUND; RESTORE_DESTINATION_REFUSED when a link of another user leads to the working directory
 */
export async function lockInstance(
  deps: Pick<EngineDeps, 'directories'>,
  wait: { timeoutMs: number; signal: AbortSignal },
): Promise<LockedInstance> {
  const { working_dir: path } = deps.directories;
  const held = holdWorking(path);
  try {
    const trust = trustOf(resolve(path), held);
    if (!trust.trusted) throw refuseDestination('untrusted_link', { agent: null, path, with: trust.link });
    return { lock: await acquireFileLock(held.at(LOCK_NAME), wait), journalPath: join(held.path, JOURNAL_NAME) };
  } finally {
    held.close();
  }
}

function holdWorking(path: string): HeldDirectory {
  try {
    return holdDirectory(path);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) throw error;
    throw new DomainError('INSTANCE_NOT_FOUND', undefined, { working_dir: path }, { cause: error });
  }
}

/**
 * For a caller that holds the lock already. A restore that is found committed is recorded as done before its journal goes; what a journal
 * without a seal says of its job is not believed.
 */
export async function recoverLocked(deps: EngineDeps, journalPath: string): Promise<Recovery> {
  const journal = await readJournal(journalPath, journalAuthority(deps));
  const { job_id, result } = journal?.note ?? {};
  if (
    journal?.version === 2 &&
    journal.state === 'committed' &&
    typeof job_id === 'string' &&
    typeof result === 'object'
  ) {
    await recordRestore(deps.directories.backup_dir, job_id, result as RestoreResult);
  }
  return recover(journalPath, journalAuthority(deps));
}
