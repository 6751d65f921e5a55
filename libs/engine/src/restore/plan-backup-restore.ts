import { manifestSignatureState, loadSigningKey } from '@pawvault/archive';
import type { RestorePlan, RestorePlanPayload } from '@pawvault/contracts';
import { openBackup } from '@pawvault/store';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { planRestore } from './plan/plan-restore';

/**
 * What a restore would do; changes nothing. A restore that carries the hash of this plan does exactly this, or is refused.
 * @throws DomainError as `planRestore`
 */
export async function planBackupRestore(
  deps: EngineDeps,
  payload: RestorePlanPayload,
  context: Pick<JobContext, 'signal'>,
): Promise<RestorePlan> {
  const backup = await deps.store.find(payload.backup_id);
  const reader = await openBackup(backup, deps.limits);
  try {
    const key = await loadSigningKey(deps.directories.backup_dir);
    const trust = await manifestSignatureState(reader, await reader.meta(deps.limits), key);
    return (await planRestore(deps, reader, payload, { signal: context.signal, trust })).plan;
  } finally {
    await reader.close();
  }
}
