import type { ModuleStats } from './manifest';
import type { JobWarning } from './job-warning';

/** Absolute paths; the backup directory is the one that PawVault writes to. */
export interface InstanceDirectories {
  working_dir: string;
  secret_dir: string;
  backup_dir: string;
  config_file: string;
}

export interface AgentView extends ModuleStats {
  id: string;
  /** Display name from the agent's own agent.json; the id where there is none. */
  name: string;
  enabled: boolean;
  workspace_dir: string;
  exists: boolean;
}

export interface InstanceModuleView extends ModuleStats {
  exists: boolean;
}

/** The instance as the worker sees it. Sizes are of what a backup would take: exclude rules are applied. */
export interface InstanceView {
  instance_id: string;
  directories: InstanceDirectories;
  qwenpaw_version: string;
  active_agent: string | null;
  agents: AgentView[];
  modules: { global_config: InstanceModuleView; skill_pool: InstanceModuleView; secrets: InstanceModuleView };
  /** Free bytes on the file system of the backup directory for this user. */
  backup_dir_free_bytes: number;
  warnings: JobWarning[];
  inspected_at: string;
}
