import { randomBytes } from 'node:crypto';
import type { SwapTarget } from '@pawvault/durable-fs';
import type { PreparedPlan } from './plan/prepared-plan';
import { layOut } from './target-layout';

/** Where everything that a plan replaces is staged and set aside. */
export interface LaidOut {
  id: string;
  /** One per target of the plan, in its order. */
  directories: SwapTarget[];
  config: SwapTarget | null;
}

/** @param unmovable paths that have refused a rename before */
export async function layOutPlan(prepared: PreparedPlan, unmovable: ReadonlySet<string>): Promise<LaidOut> {
  const id = randomBytes(4).toString('hex');
  const directories: SwapTarget[] = [];
  for (const [i, { destination, inventory }] of prepared.targets.entries()) {
    const fixed = inventory.fixed.map(({ from }) => from);
    const request = { destination, type: 'directory' as const, carry: inventory.carried, fixed };
    directories.push(await layOut(request, i, { id, unmovable }));
  }
  if (prepared.config === null) return { id, directories, config: null };
  const request = { destination: prepared.configPath, type: 'file' as const, carry: [], fixed: [] };
  return { id, directories, config: await layOut(request, directories.length, { id, unmovable }) };
}
