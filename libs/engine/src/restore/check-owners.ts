import { DomainError } from '@pawvault/contracts';
import { mayGiveAway, ownOwner } from '@pawvault/durable-fs';
import type { LaidOut } from './lay-out-plan';
import type { PlannedTarget, PreparedPlan } from './plan/prepared-plan';

/**
 * A process that may not give files away would make everything that it replaces its own: QwenPaw might then not be able to read it.
 * @throws DomainError RESTORE_OWNER_DIFFERS with `details` {path, uid, worker_uid}
 */
export function assertOwnersStay(prepared: PreparedPlan, laidOut: LaidOut): void {
  if (mayGiveAway()) return;
  const { uid: own } = ownOwner();
  prepared.targets.forEach((target, i) => {
    const found = otherOwnerIn(target, { own, rootStays: laidOut.directories[i]?.kind === 'children' });
    if (found !== null)
      throw differs(`${target.destination}${found.path === '' ? '' : `/${found.path}`}`, found.uid, own);
  });
  const { currentConfig, configPath } = prepared;
  const replacesConfig = laidOut.config !== null && laidOut.config.kind !== 'in-place';
  if (replacesConfig && currentConfig !== null && currentConfig.uid !== own)
    throw differs(configPath, currentConfig.uid, own);
}

const differs = (path: string, uid: number, own: number): DomainError =>
  new DomainError('RESTORE_OWNER_DIFFERS', undefined, { path, uid, worker_uid: own });

/** The first path that is there and would be replaced, and belongs to another user. A directory that stays keeps its owner. */
function otherOwnerIn(
  { live, future }: PlannedTarget,
  { own, rootStays }: { own: number; rootStays: boolean },
): { path: string; uid: number } | null {
  if (!rootStays && live.root !== null && live.root.uid !== own) return { path: '', uid: live.root.uid };
  for (const path of future.nodes.keys()) {
    const uid = live.nodes.get(path)?.uid ?? own;
    if (uid !== own) return { path, uid };
  }
  return null;
}
