import type { PlannedPath, RestorePlan } from '@pawvault/contracts';
import type { Owner } from '@pawvault/durable-fs';
import type { FutureTree } from './future-tree';
import type { Inventory } from './inventory';
import type { LiveTree } from './live-tree';

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
   * Places below the destination (real paths) that belong to something else and survive the exchange. What the archive holds at or below
   * them is not staged, see `isKept`.
   */
  keepInside: KeptPlace[];
  /** Mount points below the destination: they stay, and so does what is mounted there. */
  mounts: string[];
}

export interface KeptPlace {
  path: string;
  reason: 'place' | 'master_key';
}

/** A target that has been compared with what is there. */
export interface PlannedTarget extends RestoreTarget {
  inventory: Inventory;
  /** Live nodes by relative path: what is replaced gives its owner to what replaces it. */
  live: LiveTree;
  future: FutureTree;
  /** Milliseconds since 1970 per entry name, of links that the manifest has. */
  linkTimes: ReadonlyMap<string, number>;
}

/** A plan with everything that carrying it out needs. */
export interface PreparedPlan {
  plan: RestorePlan;
  /** All of them; the plan lists the first. */
  paths: readonly PlannedPath[];
  /** In the order of agents, skill pool, secrets. config.json, where it changes, goes last. */
  targets: PlannedTarget[];
  /** Links that lead out of their module and are not made. */
  unmadeLinks: string[];
  /** Mode and owner of the present config.json; null where there is none. */
  currentConfig: (Owner & { mode: number }) | null;
  /** Owners that the manifest of an archive of this installation has, by entry name. */
  owners: ReadonlyMap<string, Owner>;
  /** Final content of config.json; null: it is not touched. */
  config: Buffer | null;
  /** Real path of config.json. */
  configPath: string;
  /** The final config.json is that of the archive, byte for byte, and may take over its mode and time. */
  configIsVerbatim: boolean;
  /** Final agent.json per agent, only where it differs from the one in the archive. */
  agentJson: ReadonlyMap<string, Buffer>;
}
