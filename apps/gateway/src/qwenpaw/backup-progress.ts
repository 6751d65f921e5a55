import type { JobProgress } from '@pawvault/contracts';

/** How the engine names the parts of an archive that belong to no agent; they come before all agents. */
const MODULE_LABELS: ReadonlySet<string> = new Set(['config.json', 'secrets', 'skill_pool']);

/** The agent whose workspace is being packed, or null. */
export function packedAgent({ phase, current, agents_done }: JobProgress): string | null {
  if (phase !== 'packing' || current === null) return null;
  return agents_done === 0 && MODULE_LABELS.has(current) ? null : current;
}

/** Of the agent that is being packed, counted from 0. For a moment an agent is done and no other has begun: then it is already the next. */
export const agentIndex = ({ agents_done, agents_total }: JobProgress): number =>
  Math.max(0, Math.min(agents_done, agents_total - 1));

/** True once all is packed, and the archive is being closed and published. */
export const isFinishing = ({ phase }: JobProgress): boolean => phase === 'finishing';

/** QwenPaw counts in whole percents. */
export const wholePercent = ({ percent }: JobProgress): number => Math.floor(percent);
