import { DomainError } from '@pawvault/contracts';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, readRecord } from './process-record';
import type { ProcessRecord } from './process-record';

const POLL_MS = 20;

/**
 * Ends a server that outlived the PawVault that started it. Call it under the lock of the directory: then whoever
 * started that server is dead. Only the very process that was written down is ended, never another one with its pid.
 * @throws DomainError REDIS_UNAVAILABLE when it cannot be ended
 */
export async function stopOrphan(recordPath: string, graceMs = 5000): Promise<void> {
  const orphan = await readRecord(recordPath);
  if (orphan !== null && !(await ended(orphan, 'SIGTERM', graceMs)) && !(await ended(orphan, 'SIGKILL', graceMs))) {
    throw new DomainError(
      'REDIS_UNAVAILABLE',
      `An earlier Redis of PawVault (process ${orphan.pid}) cannot be stopped`,
      {
        pid: orphan.pid,
      },
    );
  }
  await rm(recordPath, { force: true });
}

async function ended(record: ProcessRecord, signal: NodeJS.Signals, graceMs: number): Promise<boolean> {
  if (!(await isAlive(record))) return true;
  try {
    process.kill(record.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') return false;
  }
  for (let waited = 0; waited < graceMs; waited += POLL_MS) {
    if (!(await isAlive(record))) return true;
    await delay(POLL_MS);
  }
  return false;
}
