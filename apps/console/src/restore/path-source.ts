import {
  type ModuleName,
  PATH_CHANGES,
  type PathChange,
  type PlannedPath,
  type RestorePlan,
} from '@pawvault/contracts';
import { fold } from '../format/matching';

/** What is lost first, what stays last. */
export const CHANGES_IN_ORDER = ['removed', 'changed', 'added', 'carried'] as const satisfies readonly PathChange[];

export type PathCounts = Record<PathChange, number>;

/** An agent or a module. */
export interface PathPart {
  module: ModuleName;
  agent: string | null;
}

/** Where the paths of a plan come from. */
export interface PathSource {
  planHash: string;
  /** What the page has already, where that is all of them or all that there is; null: the gateway is asked. */
  atHand: readonly PlannedPath[] | null;
  /** How many there are that cannot be shown. */
  missing: number;
}

export interface PathFilter {
  /** null: of every part. */
  part: PathPart | null;
  change: PathChange;
  search: string;
}

/** A short plan is complete. Of a long one all paths are kept beside the backups, unless there was no room for them. */
export function sourceOf({ plan_hash: planHash, paths, path_counts, warnings }: RestorePlan): PathSource {
  const missing = PATH_CHANGES.reduce((sum, change) => sum + path_counts[change], 0) - paths.length;
  const isKept = !warnings.some(({ code }) => code === 'PLAN_PATHS_NOT_KEPT');
  return missing > 0 && isKept ? { planHash, atHand: null, missing: 0 } : { planHash, atHand: paths, missing };
}

/** What the gateway answers, of the paths at hand. Like there, the counts are of every change. */
export function pathsAtHand(
  paths: readonly PlannedPath[],
  { part, change, search }: PathFilter,
): { paths: PlannedPath[]; counts: PathCounts } {
  const wanted = fold(search);
  const matching = paths.filter(
    ({ module, agent, path }) =>
      (part === null || (module === part.module && agent === part.agent)) && fold(path).includes(wanted),
  );
  const counts = { added: 0, changed: 0, removed: 0, carried: 0 };
  for (const path of matching) counts[path.change] += 1;
  return { paths: matching.filter((path) => path.change === change), counts };
}
