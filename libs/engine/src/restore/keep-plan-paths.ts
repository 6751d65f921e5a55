import { join } from 'node:path';
import { type JobWarning, PLAN_LISTED_PATHS } from '@pawvault/contracts';
import { errnoOf } from '@pawvault/durable-fs';
import { PLANS_PATH, writePlanPaths } from '@pawvault/store';
import type { EngineDeps } from '../engine';
import type { PreparedPlan } from './plan/prepared-plan';

/**
 * Keeps all paths of a plan, so that they can be looked at. A plan is worth more than its list: it must also be made when the disk of the
 * backups is full or read-only.
 * @returns a warning when the list was not kept; null otherwise
 */
export async function keepPlanPaths(
  { directories, clock }: EngineDeps,
  { plan, paths }: Pick<PreparedPlan, 'plan' | 'paths'>,
): Promise<JobWarning | null> {
  try {
    await writePlanPaths(directories.backup_dir, { planHash: plan.plan_hash, paths, now: clock() });
    return null;
  } catch (error) {
    const reason = errnoOf(error);
    if (reason === undefined) throw error;
    return {
      code: 'PLAN_PATHS_NOT_KEPT',
      message: `The list of all paths was not kept (${reason}); the first ${PLAN_LISTED_PATHS} are in the plan itself`,
      details: { path: join(directories.backup_dir, PLANS_PATH), errno: reason, paths: paths.length },
    };
  }
}
