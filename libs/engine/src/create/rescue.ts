import type { RegisteredAgent } from '../instance/registry';

/** What a backup takes beyond its selection, because a restore that follows would destroy it. */
export interface Rescue {
  /** Entry names of files that exclude rules leave out, and that the restore replaces or removes. */
  paths: ReadonlySet<string>;
  /** Workspaces that no registry names, and that the restore replaces. */
  agents: readonly RegisteredAgent[];
}
