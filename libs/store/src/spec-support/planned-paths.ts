import type { PlannedPath } from '@pawvault/contracts';

/** One that is added to the agent `default`, unless told otherwise. */
export const plannedPath = (path: string, other: Partial<PlannedPath> = {}): PlannedPath => ({
  module: 'agents',
  agent: 'default',
  path,
  change: 'added',
  reason: null,
  detail: null,
  kept_as: null,
  ...other,
});
