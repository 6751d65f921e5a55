import type { Config } from '@pawvault/config';
import { DomainError, SECRETS_PREFIX } from '@pawvault/contracts';
import type { OpenedFile, Store, StoredBackup } from '@pawvault/store';
import type { Request } from '../http';
import { demandRole } from '../security/principal';
import { holdsSecrets } from './holds-secrets';

/**
 * The backup, for whoever may have all of it.
 * @throws DomainError FORBIDDEN to less than an admin when there are secrets in it; as {@link Store.find}
 */
export async function archiveFor(request: Request, store: Store, id: string): Promise<StoredBackup> {
  const backup = await store.find(id);
  if (await holdsSecrets(store, backup)) demandRole(request, 'admin');
  return backup;
}

/**
 * One file of a backup, for whoever may read it. Its stream has to be read or destroyed.
 * @throws DomainError FORBIDDEN, SECRETS_NOT_SERVED; as {@link Store.openFile}
 */
export async function fileFor(
  request: Request,
  { store, config }: { store: Store; config: Config },
  { id, path }: { id: string; path: string },
): Promise<OpenedFile> {
  if (path.startsWith(SECRETS_PREFIX)) {
    demandRole(request, 'admin');
    if (!config.serveSecrets) throw new DomainError('SECRETS_NOT_SERVED', undefined, { path });
  }
  return store.openFile(id, path);
}
