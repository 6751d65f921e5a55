import type { Config } from '@pawvault/config';
import { DomainError, SECRETS_PREFIX } from '@pawvault/contracts';
import type { Store, StoredBackup } from '@pawvault/store';
import type { Request } from '../http';
import { demandRole } from '../security/principal';
import { holdsSecrets } from './holds-secrets';

/** Secrets leave only with an admin. @throws DomainError FORBIDDEN */
export async function demandArchive(request: Request, store: Store, backup: StoredBackup): Promise<void> {
  if (await holdsSecrets(store, backup)) demandRole(request, 'admin');
}

/**
 * @param path of an entry
 * @throws DomainError FORBIDDEN; SECRETS_NOT_SERVED where the configuration does not allow it to anybody
 */
export function demandFile(request: Request, config: Config, path: string): void {
  if (!path.startsWith(SECRETS_PREFIX)) return;
  demandRole(request, 'admin');
  if (!config.serveSecrets) throw new DomainError('SECRETS_NOT_SERVED', undefined, { path });
}
