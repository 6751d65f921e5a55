import { manifestSignatureState, loadSigningKey } from '@pawvault/archive';
import type { RestorePlan, RestorePlanPayload } from '@pawvault/contracts';
import { openBackup } from '@pawvault/store';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { keepPlanPaths } from './keep-plan-paths';
import { planRestore } from './plan/plan-restore';
import type { PreparedPlan } from './plan/prepared-plan';

/**
 * What a restore would do; changes nothing of the instance, and keeps the list of its paths beside the backups. A restore that carries the hash of this plan does exactly this, or is refused.
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
    const prepared = await planRestore(deps, reader, payload, { signal: context.signal, trust });
    return await withList(deps, prepared);
  } finally {
    await reader.close();
  }
}

/** The warning is no part of what the hash is over: a restore does the same with a list or without one. */
async function withList(deps: EngineDeps, { plan, paths }: PreparedPlan): Promise<RestorePlan> {
  const notKept = await keepPlanPaths(deps, { plan, paths });
  return notKept === null ? plan : { ...plan, warnings: [...plan.warnings, notKept] };
}
