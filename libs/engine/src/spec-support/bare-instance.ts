import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CreateResult, type SelectionRequest } from '@pawvault/contracts';
import { tempDir, type Tree, writeTree } from '@pawvault/testing';
import { createBackup } from '../create/create-backup';
import type { EngineDeps, EngineOptions } from '../engine';
import { type ArchiveView, viewArchive } from './archive-view';
import { payloadFor, RecordedJob } from './engine-bench';

export interface BareInstance {
  root: string;
  directories: EngineOptions['directories'];
  /** Of agent `a`. */
  workspace: string;
}

/** An instance with the one agent `a`, whose workspace holds the tree, and nothing else. */
export function bareInstance(tree: Tree = {}): BareInstance {
  const root = tempDir('bare');
  const workingDir = join(root, 'working');
  const directories = {
    workingDir,
    secretDir: `${workingDir}.secret`,
    backupDir: `${workingDir}.backups`,
    configFile: join(workingDir, 'config.json'),
  };
  const workspace = join(workingDir, 'workspaces', 'a');
  writeTree(workspace, tree);
  register(directories.configFile, { a: workspace });
  return { root, directories, workspace };
}

/** Makes `agents.profiles` hold exactly these: id → workspace_dir. */
export function register(configFile: string, workspaces: Record<string, string>): void {
  const profiles = Object.entries(workspaces).map(([id, path]) => [id, { id, workspace_dir: path, enabled: true }]);
  mkdirSync(dirname(configFile), { recursive: true });
  writeFileSync(configFile, JSON.stringify({ agents: { profiles: Object.fromEntries(profiles) as object } }));
}

/** Entry names of agent `a` are the paths in its workspace behind this. */
export const PREFIX = 'data/workspaces/a/';

export interface Backed {
  result: CreateResult;
  job: RecordedJob;
  view: ArchiveView;
  path: string;
}

/** A backup of what is asked for, of all agents and nothing else when nothing is; proven readable. */
export async function backUp(deps: EngineDeps, request: Partial<SelectionRequest> = {}): Promise<Backed> {
  const scope = { include_global_config: false, include_secrets: false, include_skill_pool: false };
  const job = new RecordedJob();
  const result = await createBackup(deps, payloadFor({ mode: 'partial', scope, ...request }), job);
  const path = join(deps.directories.backup_dir, `${result.backup_id}.zip`);
  return { result, job, path, view: await viewArchive(path) };
}
