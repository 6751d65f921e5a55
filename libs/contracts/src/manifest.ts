export const MANIFEST_NAME = 'manifest.json';
export const MANIFEST_VERSION = 1;

export type EntryType = 'file' | 'directory' | 'symlink';

/**
 * One record per entry under `data/`, and one per symbolic link. Directories end in `/`.
 *
 * A link that leads to a regular file is an ordinary file in the zip with the content of that file, so that a program without links (QwenPaw) has
 * the content; `size`, `sha256`, `mode` and `mtime` are those of that entry. A link to anything else has no entry in the zip: its `size` is 0
 * and it has no `sha256`. In archives of earlier versions a link is a zip entry of symlink type whose content is the target.
 */
export interface ManifestEntry {
  /** Name of the zip entry, e.g. `data/workspaces/default/agent.json`. */
  path: string;
  type: EntryType;
  /** Bytes of the content of the zip entry; 0 where there is none. */
  size: number;
  /** Unix permission bits including set-uid, set-gid and sticky (0–0o7777). */
  mode: number;
  /** RFC 3339 UTC with microseconds, exact where the zip's own times are clamped. */
  mtime: string;
  /** Lowercase hex of the content; absent for directories and for links without a zip entry. */
  sha256?: string;
  /** Target, for symlinks only. */
  target?: string;
  /** Owner and group, only where they differ from those of the parent directory; never for the root of a module. */
  uid?: number;
  gid?: number;
  /** The content may mix two states: the file changed each time it was read, or a database could not be captured. */
  unstable?: true;
}

export const OMISSION_REASONS = [
  'missing_workspace',
  'missing_module',
  'unreadable',
  'vanished',
  'special_file',
  'name_not_representable',
  'symlink_outside_module',
  'contains_backup_directory',
  'contains_secret_directory',
  'nested_workspace',
  'agent_id_invalid',
  'too_deep',
  'other_file_system',
  'link_target_not_representable',
  'workspace_link_untrusted',
] as const;

export type OmissionReason = (typeof OMISSION_REASONS)[number];

/** A path that was in scope and is not in the archive. */
export interface Omission {
  /** The name that the entry would have had; bytes that are no UTF-8 appear as U+FFFD. */
  path: string;
  reason: OmissionReason;
  /** For people: an errno, the target of a link, the kind of special file. */
  detail?: string;
}

/** What one exclude rule left out. */
export interface ExclusionCount {
  rule: string;
  files: number;
  bytes: number;
}

/** Totals of a module or of one agent: regular files and symlinks, and their bytes. */
export interface ModuleStats {
  files: number;
  bytes: number;
}

/** Everything of the manifest except the entries, small enough to hold in memory. */
export interface ManifestHead {
  version: typeof MANIFEST_VERSION;
  backup_id: string;
  /** What wrote the archive, e.g. `pawvault 0.1.0`. */
  generator: string;
  /** Files, symlinks and directories. */
  entry_count: number;
  total_bytes: number;
  agents: Record<string, ModuleStats & { name: string }>;
  modules: Partial<Record<'global_config' | 'skill_pool' | 'secrets', ModuleStats>>;
  omissions: Omission[];
  exclusions: ExclusionCount[];
}

export interface Manifest extends ManifestHead {
  entries: ManifestEntry[];
}
