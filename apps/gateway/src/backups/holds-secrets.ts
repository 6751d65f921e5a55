import type { Store, StoredBackup } from '@pawvault/store';

/** By what is in it: what an archive says of its scope may be a lie, or an older version's idea. */
export async function holdsSecrets(store: Store, { id, meta }: StoredBackup): Promise<boolean> {
  if (meta.scope.include_secrets) return true;
  const { modules } = await store.detail(id);
  return modules.secrets !== undefined;
}
