import type { BackupScope } from './scope';
import type { JobWarning } from './job-warning';
import type { ModuleName } from './layout';

/** full: the instance becomes the backup; custom: only what is ticked, everything else stays byte for byte as it is. */
export type RestoreMode = 'full' | 'custom';
/** legacy accepts an unsigned archive, foreign one that was signed with another key or changed since. */
export const TRUST_MODES = ['legacy', 'foreign'] as const;
export type TrustMode = (typeof TRUST_MODES)[number];

/** What to restore and how. In full mode the agents and flags are taken from the archive and must be left at their defaults. */
export interface RestoreSelection {
  mode: RestoreMode;
  agent_ids: string[];
  include_global_config: boolean;
  include_skill_pool: boolean;
  include_secrets: boolean;
  /** Absolute; where agents go that this instance does not know. */
  default_workspace_dir: string | null;
  /** null: preserve `security` and `mcp` of the local config when the archive was accepted through trust. */
  preserve_local_protected_config: boolean | null;
  trust_mode: TrustMode | null;
  /** Also removes what exclude rules leave out of backups; absent means false: it stays where it is. */
  clean?: boolean;
  /** Links of an archive from elsewhere that lead out of their module: keep makes them; absent means skip. Our own come back in any case. */
  outward_links?: 'skip' | 'keep';
}

export interface RestorePlanPayload extends RestoreSelection {
  backup_id: string;
}

export interface RestorePayload extends RestorePlanPayload {
  /** Fixed when the job is accepted; null: no backup is made first. */
  pre_restore_backup: { created_at: string; short_id: string } | null;
  /** Refused with RESTORE_PLAN_DRIFTED when the plan computed at start has another hash. */
  plan_hash: string | null;
}

/** Regular files and links of a tree that a restore touches, compared with what is there now. */
export interface TreeChanges {
  added: number;
  changed: number;
  /** Paths that are really removed. */
  removed: number;
  /** Live paths that the archive lacks and that stay, each counted once however much lies below it. */
  carried: number;
  unchanged: number;
  /** Bytes of the tree as it will be. */
  bytes: number;
}

export interface PlannedAgent {
  id: string;
  name: string;
  /** replace: the instance knows the agent; add: it does not. */
  action: 'replace' | 'add';
  destination: string;
  changes: TreeChanges;
}

export interface PlannedModule {
  module: 'global_config' | 'skill_pool' | 'secrets';
  /** skip: it was asked for and the archive lacks it; nothing is wiped. */
  action: 'replace' | 'add' | 'skip';
  destination: string;
  changes: TreeChanges;
}

export const PATH_CHANGES = ['added', 'changed', 'removed', 'carried'] as const;
export type PathChange = (typeof PATH_CHANGES)[number];

/**
 * Why a live path that the archive lacks stays.
 * excluded: an exclude rule leaves it out of backups; omitted: no backup can hold it (a special file, a name that is no UTF-8, unreadable,
 * too deep); mount: another file system is mounted there; place: it is the place of something else (another workspace, the backups, the
 * secrets); master_key: the archive has secrets without a key.
 */
export const CARRY_REASONS = ['excluded', 'omitted', 'mount', 'place', 'master_key'] as const;
export type CarryReason = (typeof CARRY_REASONS)[number];

/** One path that a restore adds, changes, removes or carries over. */
export interface PlannedPath {
  module: ModuleName;
  /** The agent's id; null for the other modules. */
  agent: string | null;
  /** Relative to the root of the module or workspace; directories end in `/`; bytes that are no UTF-8 appear as U+FFFD. */
  path: string;
  change: PathChange;
  /** Of what is carried; null otherwise. */
  reason: CarryReason | null;
  /** For people: the rule, or why no backup can hold it; null otherwise. */
  detail: string | null;
  /** The path at which it is afterwards, where something else of the archive takes its own; null otherwise. */
  kept_as: string | null;
}

/** The plan itself lists as many paths; all of them are to be had from the route of the plan. */
export const PLAN_LISTED_PATHS = 1000;

/** Exactly what a restore does; a pure value that can be printed. */
export interface RestorePlan {
  backup_id: string;
  mode: RestoreMode;
  scope: BackupScope;
  agents: PlannedAgent[];
  modules: PlannedModule[];
  /** Dotted paths of keys of config.json whose value will differ, e.g. `agents.profiles.default`. */
  config_changes: string[];
  preserved_local_keys: string[];
  /** Agents that leave the registry; their directories stay on disk. */
  left_behind: { id: string; workspace_dir: string }[];
  keeps_local_master_key: boolean;
  replaces_master_key: boolean;
  /** Bytes that will be staged. */
  bytes: number;
  restart_required: boolean;
  /** The first {@link PLAN_LISTED_PATHS}, by module, agent and path. Those that stay as they are are not listed. */
  paths: PlannedPath[];
  /** Of all paths. */
  path_counts: Record<PathChange, number>;
  warnings: JobWarning[];
  /** Hex; over everything above and the state of the instance it was computed from. */
  plan_hash: string;
}

export interface RestoreResult {
  backup_id: string;
  mode: RestoreMode;
  replaced: string[];
  added: string[];
  kept: string[];
  skipped: string[];
  preserved_local_keys: string[];
  left_behind: { id: string; workspace_dir: string }[];
  /** Restoring this backup in full mode undoes the restore; null when none was made. */
  pre_restore_backup_id: string | null;
  /** Where the former master key was copied to, if it was replaced. */
  saved_master_key: string | null;
  restart_required: boolean;
  /** Of the plan that was carried out; its route lists every path. Absent in results of earlier versions, like the two below. */
  plan_hash?: string;
  path_counts?: Record<PathChange, number>;
  /** Links that lead out of their module and were not made, at most 100; see `outward_links`. */
  links_not_made?: string[];
  files: number;
  bytes: number;
  duration_ms: number;
}
