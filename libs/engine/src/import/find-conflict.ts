import { DomainError, type ImportConflict } from '@pawvault/contracts';
import type { Store } from '@pawvault/store';

export interface Conflict {
  view: ImportConflict;
  /** The file that already carries the id. */
  path: string;
}

/** The backup that stands where an import would go; one that cannot be read stands there as well. */
export async function findConflict(store: Store, id: string): Promise<Conflict | null> {
  try {
    const { path, size, meta } = await store.find(id);
    return { path, view: { id, name: meta.name, created_at: meta.created_at, size } };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === 'BACKUP_NOT_FOUND') return null;
    if (error.code !== 'BACKUP_INVALID') throw error;
    return { path: store.archivePath(id), view: { id, name: '', created_at: '', size: 0 } };
  }
}
