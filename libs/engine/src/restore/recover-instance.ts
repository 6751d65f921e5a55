import { join } from 'node:path';
import type { RestoreResult } from '@pawvault/contracts';
import { acquireFileLock, isPresent, readJournal, recover, type Recovery } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import { recordRestore } from './completed-restores';

/** On the file system of the working directory, because that is where the registry is swapped last. */
export const journalPathOf = (deps: Pick<EngineDeps, 'directories'>): string =>
  join(deps.directories.working_dir, '.pawvault_restore_journal.json');

/** QwenPaw takes this lock for its own restores and for its start. */
export const lockPathOf = (deps: Pick<EngineDeps, 'directories'>): string =>
  join(deps.directories.working_dir, '.qwenpaw_restore.lock');

const LOCK_MS = 10_000;

/**
 * Finishes or rolls back the restore that an earlier process left unfinished. To be called before a worker takes its first job; cheap where
 * there is nothing to do.
 * @throws DomainError restore_target_busy when the process is alive after all; RESTORE_JOURNAL_UNREADABLE
 */
export async function recoverInstance(
  deps: EngineDeps,
  signal: AbortSignal,
  options: { lockMs?: number } = {},
): Promise<Recovery> {
  const journalPath = journalPathOf(deps);
  if (!(await isPresent(journalPath)) && !(await isPresent(`${journalPath}.tmp`))) return { outcome: 'none' };
  const lock = await acquireFileLock(lockPathOf(deps), { timeoutMs: options.lockMs ?? LOCK_MS, signal });
  try {
    return await recoverLocked(deps);
  } finally {
    await lock.release();
  }
}

/** For whoever holds the lock already. A restore that is found committed is recorded as done before its journal goes. */
export async function recoverLocked(deps: EngineDeps): Promise<Recovery> {
  const journal = await readJournal(journalPathOf(deps));
  const { job_id, result } = journal?.note ?? {};
  if (journal?.state === 'committed' && typeof job_id === 'string' && typeof result === 'object') {
    await recordRestore(deps.directories.backup_dir, job_id, result as RestoreResult);
  }
  return recover(journalPathOf(deps));
}
