import type { RestoreResult } from '@pawvault/contracts';
import type { PreparedPlan } from './plan/prepared-plan';

const LISTED_LINKS = 100;

/** The result that a plan comes to once it is carried out; names agents by id and modules by name. */
export function restoreResult(
  { plan, unmadeLinks }: PreparedPlan,
  run: { preRestoreId: string | null; started: number },
): RestoreResult {
  const parts = [
    ...plan.agents.map(({ id, action, changes }) => ({ name: id, action, changes })),
    ...plan.modules.map(({ module, action, changes }) => ({ name: module, action, changes })),
  ];
  const named = (action: string): string[] => parts.filter((part) => part.action === action).map(({ name }) => name);
  const done = parts.filter(({ action }) => action !== 'skip');
  return {
    backup_id: plan.backup_id,
    mode: plan.mode,
    replaced: named('replace'),
    added: named('add'),
    kept: plan.keeps_local_master_key ? ['.master_key'] : [],
    skipped: named('skip'),
    preserved_local_keys: plan.preserved_local_keys,
    left_behind: plan.left_behind,
    pre_restore_backup_id: run.preRestoreId,
    saved_master_key: null,
    restart_required: plan.restart_required,
    plan_hash: plan.plan_hash,
    path_counts: plan.path_counts,
    links_not_made: unmadeLinks.slice(0, LISTED_LINKS),
    files: done.reduce((sum, { changes }) => sum + changes.added + changes.changed + changes.unchanged, 0),
    bytes: done.reduce((sum, { changes }) => sum + changes.bytes, 0),
    duration_ms: Math.round(performance.now() - run.started),
  };
}
