import { createHash } from 'node:crypto';
import type { ZipEntry } from '@pawvault/archive';
import { compareCodePoints, META_NAME, type RestorePlan } from '@pawvault/contracts';
import type { TreeState } from './live-tree';

/** What a plan was computed from. */
export interface PlanBasis {
  entries: readonly ZipEntry[];
  /** Bytes of the present config.json; null where there is none that can be read. */
  config: Buffer | null;
  /** Per target destination. */
  trees: Record<string, TreeState>;
}

/**
 * The hash by which a restore recognises the plan that somebody has looked at: over the plan and the state of archive and instance behind
 * it. meta.json is not part of it: signing an accepted archive anew, or renaming it, changes nothing of what is restored.
 * @returns lowercase hex
 */
export function planHash(plan: Omit<RestorePlan, 'plan_hash'>, basis: PlanBasis): string {
  const facts = {
    plan,
    archive: entriesHash(basis.entries),
    config: basis.config === null ? null : createHash('sha256').update(basis.config).digest('hex'),
    trees: basis.trees,
  };
  return createHash('sha256')
    .update(JSON.stringify(sorted(facts)))
    .digest('hex');
}

function entriesHash(entries: readonly ZipEntry[]): string {
  const hash = createHash('sha256');
  for (const { name, type, size, crc32 } of entries)
    if (name !== META_NAME) hash.update(`${JSON.stringify([name, type, size, crc32])}\n`);
  return hash.digest('hex');
}

/** The same value with all keys in one order, so that how an object came to be does not show. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => compareCodePoints(a, b));
  return entries.map(([key, item]) => [key, sorted(item)]);
}
