import type { PlannedPath, RestorePlan } from '@pawvault/contracts';

/** A directory that is replaced as a whole. */
export interface RestoreTarget {
  kind: 'agent' | 'skill_pool' | 'secrets';
  /** The agent's id; null for the other kinds. */
  id: string | null;
  /** Entry prefix in the archive, with a trailing slash. */
  prefix: string;
  /** Real path: where it is a symbolic link, the link stays and what it points to is replaced. */
  destination: string;
  exists: boolean;
  /**
   * Real paths below the destination that belong to somebody else and survive the exchange. What the archive holds at or below them is not
   * staged, see `isKept`.
   */
  keepInside: string[];
}

/** A plan with everything that carrying it out needs. */
export interface PreparedPlan {
  plan: RestorePlan;
  /** All of them; the plan lists the first. */
  paths: readonly PlannedPath[];
  /** In the order of agents, skill pool, secrets. config.json, where it changes, goes last. */
  targets: RestoreTarget[];
  /** Final content of config.json; null: it is not touched. */
  config: Buffer | null;
  /** Real path of config.json. */
  configPath: string;
  /** The final config.json is that of the archive, byte for byte, and may take over its mode and time. */
  configIsVerbatim: boolean;
  /** Final agent.json per agent, only where it differs from the one in the archive. */
  agentJson: ReadonlyMap<string, Buffer>;
}
