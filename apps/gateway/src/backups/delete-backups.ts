import { DomainError, toErrorView } from '@pawvault/contracts';
import type { JobQueue } from '@pawvault/queue';
import type { Store } from '@pawvault/store';
import type { BatchDeleteResultDto } from './backup.dto';

interface Deps {
  store: Store;
  queue: JobQueue;
}

/** @throws DomainError BACKUP_IN_USE, QUEUE_UNAVAILABLE when nobody can tell whether it is, and those of the store */
export async function deleteBackup({ store, queue }: Deps, id: string): Promise<void> {
  store.archivePath(id);
  const [job] = await queue.activeFor(id);
  if (job !== undefined) throw new DomainError('BACKUP_IN_USE', undefined, { id, job_id: job.id, job_type: job.type });
  await store.remove(id);
}

/** One after the other; a refusal of one does not keep the others. @throws what is no refusal, and DomainError QUEUE_UNAVAILABLE */
export async function deleteBackups(deps: Deps, ids: readonly string[]): Promise<BatchDeleteResultDto[]> {
  const results: BatchDeleteResultDto[] = [];
  for (const id of new Set(ids)) {
    try {
      await deleteBackup(deps, id);
      results.push({ id, deleted: true, error: null });
    } catch (error) {
      if (!(error instanceof DomainError) || (error.code === 'QUEUE_UNAVAILABLE' && results.length === 0)) throw error;
      results.push({ id, deleted: false, error: toErrorView(error) });
    }
  }
  return results;
}
