import { DomainError } from '@pawvault/contracts';
import { fold, locate } from './plan/place';
import type { PlannedTarget } from './plan/prepared-plan';

/**
 * On a file system that takes `README` and `readme`, or two Unicode forms of a name, for one, the second file would be lost while it is
 * staged: that is found before anything is written.
 * @param folds whether the target folds names; found out by a look at the disk unless told otherwise
 * @throws DomainError RESTORE_NAMES_CLASH with both names
 */
export async function assertNamesDiffer(target: PlannedTarget, folds?: boolean): Promise<void> {
  if (!(folds ?? (await locate(target.destination)).folds)) return;
  const seen = new Map<string, string>();
  const names = [...target.future.nodes.keys(), ...target.inventory.carried.map(({ to }) => to)];
  for (const path of names) {
    const key = fold(path);
    const other = seen.get(key);
    if (other !== undefined && other !== path)
      throw new DomainError('RESTORE_NAMES_CLASH', undefined, { path: target.destination, names: [other, path] });
    seen.set(key, path);
  }
}
