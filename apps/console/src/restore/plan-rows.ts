import type { PlannedModule, RestorePlan, TreeChanges } from '@pawvault/contracts';
import type { PathPart } from './path-source';

/** An agent or a module in the preview. */
export interface PlanRow {
  key: string;
  /** Of an agent; a module is named by the catalogue. */
  name: string | null;
  module: PlannedModule['module'] | null;
  action: 'replace' | 'add' | 'skip';
  destination: string;
  changes: TreeChanges;
  /** Which paths of the plan are its. */
  part: PathPart;
}

export interface PlanRows {
  /** What the restore makes different, what it brings, and what the backup lacks. */
  differing: PlanRow[];
  /** What is already as it is in the backup. */
  same: PlanRow[];
  /** Over all of them. */
  total: TreeChanges;
}

/** The preview in the order in which it is read: what changes first, however many agents stay as they are. */
export function planRows({ agents, modules }: Pick<RestorePlan, 'agents' | 'modules'>): PlanRows {
  const rows: PlanRow[] = [
    ...agents.map(({ id, ...agent }) => ({
      key: `agent ${id}`,
      module: null,
      part: { module: 'agents' as const, agent: id },
      ...agent,
    })),
    ...modules.map((module) => ({
      key: module.module,
      name: null,
      part: { module: module.module, agent: null },
      ...module,
    })),
  ];
  const differs = ({ action, changes }: PlanRow): boolean =>
    action !== 'replace' || changes.added + changes.changed + changes.removed > 0;
  return {
    differing: rows.filter(differs),
    same: rows.filter((row) => !differs(row)),
    total: rows.map(({ changes }) => changes).reduce(sum, NOTHING),
  };
}

const NOTHING: TreeChanges = { added: 0, changed: 0, removed: 0, carried: 0, unchanged: 0, bytes: 0 };

const sum = (a: TreeChanges, b: TreeChanges): TreeChanges => ({
  added: a.added + b.added,
  changed: a.changed + b.changed,
  removed: a.removed + b.removed,
  carried: a.carried + b.carried,
  unchanged: a.unchanged + b.unchanged,
  bytes: a.bytes + b.bytes,
});
