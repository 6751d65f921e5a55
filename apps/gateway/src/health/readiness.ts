import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DomainError, type ErrorCode } from '@pawvault/contracts';
import type { JobQueue } from '@pawvault/queue';

const PATIENCE_MS = 1000;

/** `ok`, or the code that a request which needs this part would be refused with. */
export type CheckState = 'ok' | ErrorCode;
export interface Checks {
  redis: CheckState;
  worker: CheckState;
  backup_dir: CheckState;
}

export async function checkReadiness(queue: JobQueue, backupDir: string): Promise<Checks> {
  const [redis, backup_dir] = await Promise.all([checkRedis(queue), checkBackupDir(backupDir)]);
  return { redis, worker: redis === 'ok' ? await checkWorker(queue) : 'WORKER_UNAVAILABLE', backup_dir };
}

const checkRedis = (queue: JobQueue): Promise<CheckState> => stateOf(queue.ping(PATIENCE_MS));

const checkWorker = (queue: JobQueue): Promise<CheckState> =>
  stateOf(
    queue.workerAlive().then((alive) => {
      if (!alive) throw new DomainError('WORKER_UNAVAILABLE');
    }),
  );

/** A directory that does not exist yet is made with the first backup, if its parent allows it. */
async function checkBackupDir(directory: string): Promise<CheckState> {
  const writable = (path: string): Promise<void> => access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  const failed = await writable(directory).then(
    () => null,
    (error: NodeJS.ErrnoException) => error,
  );
  if (failed === null) return 'ok';
  if (failed.code !== 'ENOENT') return 'BACKUP_DIR_UNUSABLE';
  return writable(dirname(directory)).then(
    () => 'ok',
    () => 'BACKUP_DIR_UNUSABLE',
  );
}

const stateOf = (check: Promise<void>): Promise<CheckState> =>
  check.then(
    () => 'ok',
    (error: unknown) => (error instanceof DomainError ? error.code : 'INTERNAL_ERROR'),
  );
