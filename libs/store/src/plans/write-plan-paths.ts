import type { PlannedPath } from '@pawvault/contracts';
import { writeFileAtomic } from '@pawvault/durable-fs';
import { forgetOldPlans } from './forget-old-plans';
import { toLine } from './planned-path-line';
import { fileNameOf, holdOrMakePlans } from './plans-directory';

export interface PlanList {
  planHash: string;
  /** All of them, in the order of the plan. */
  paths: readonly PlannedPath[];
  now: Date;
}

/** So many lines are joined for one write. */
const LINES_PER_WRITE = 1000;

/**
 * Keeps the paths of a plan in `<backups>/.pawvault/plans/<plan_hash>.ndjson`, and forgets older lists.
 * @throws errors of the file system, e.g. when the disk of the backups is full or read-only; then there is no list, or the former one
 */
export async function writePlanPaths(backupDir: string, { planHash, paths, now }: PlanList): Promise<void> {
  const plans = await holdOrMakePlans(backupDir);
  try {
    await writeFileAtomic(plans.at(fileNameOf(planHash)), piecesOf(paths));
    await forgetOldPlans(plans, now);
  } finally {
    plans.close();
  }
}

function* piecesOf(paths: readonly PlannedPath[]): Generator<string> {
  for (let at = 0; at < paths.length; at += LINES_PER_WRITE)
    yield paths
      .slice(at, at + LINES_PER_WRITE)
      .map(toLine)
      .join('');
}
