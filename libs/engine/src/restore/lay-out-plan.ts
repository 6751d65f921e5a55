import { randomBytes } from 'node:crypto';
import type { DirectoryAttributes, SwapTarget } from '@pawvault/durable-fs';
import type { PreparedPlan, RestoreTarget } from './plan/prepared-plan';
import type { StagedTarget } from './stage';
import { layOut } from './target-layout';

/** Where everything that a plan replaces is staged and set aside. */
export interface LaidOut {
  id: string;
  directories: StagedTarget[];
  config: SwapTarget | null;
}

export interface LayOutOptions {
  /** Paths that have refused a rename before. */
  unmovable: ReadonlySet<string>;
  /** What the archive says of the directory of a target itself; null where it says nothing. */
  attributesOf: (target: RestoreTarget) => DirectoryAttributes | null;
}

export async function layOutPlan(prepared: PreparedPlan, { unmovable, attributesOf }: LayOutOptions): Promise<LaidOut> {
  const id = randomBytes(4).toString('hex');
  const directories: StagedTarget[] = [];
  for (const [i, target] of prepared.targets.entries()) {
    const request = {
      destination: target.destination,
      type: 'directory' as const,
      keepInside: target.keepInside,
      attributes: attributesOf(target),
    };
    directories.push({ target, swap: await layOut(request, i, { id, unmovable }) });
  }
  if (prepared.config === null) return { id, directories, config: null };
  const request = { destination: prepared.configPath, type: 'file' as const, keepInside: [], attributes: null };
  return { id, directories, config: await layOut(request, directories.length, { id, unmovable }) };
}

/** Bytes that a target will have. */
export function bytesOf({ plan }: PreparedPlan, { kind, id }: RestoreTarget): number {
  const part =
    kind === 'agent'
      ? plan.agents.find((agent) => agent.id === id)
      : plan.modules.find(({ module }) => module === kind);
  return part?.changes.bytes ?? 0;
}
