import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTree } from './read-tree';
import { type SampleAgent, secretFiles, skillPoolFiles, strangers, workspaceContent } from './sample-agents';
import { canOpenDatabases, openSampleDatabase, type SampleDatabase } from './sample-database';
import type { NodeSnapshot, Tree, TreeSnapshot } from './tree';
import { writeTree } from './write-tree';

export interface SampleInstanceOptions {
  /**
   * `live` (default): the first agent's history.db is open and half of it is in the write-ahead log; `if-available`: the same, unless
   * libsql lacks a binary for this platform.
   */
  database?: 'live' | 'if-available' | 'none';
  /** Bytes of the incompressible media file; 60 000 when not given. */
  mediaBytes?: number;
}

export interface SampleInstance {
  directories: { workingDir: string; secretDir: string; backupDir: string; configFile: string };
  /** Points QwenPaw, and so PawVault, to the instance. */
  env: { QWENPAW_WORKING_DIR: string; QWENPAW_SECRET_DIR: string; QWENPAW_BACKUP_DIR: string };
  agents: SampleAgent[];
  /** Entry name → what a full backup must hold there: every file and link, and every empty directory. */
  expected: TreeSnapshot;
  /** Names that no entry may have, by the default exclude rules or because they belong to no module. */
  unexpected: string[];
  /** Agents whose workspace is missing, so that the backup has to say it. */
  missingAgents: string[];
  /** SQLite files: entry name and rows of `messages`. Their bytes differ from the file on disk, their `-wal` stays out. */
  databases: { entry: string; path: string; rows: number }[];
  /** Closes what is open in the instance, as when QwenPaw stops. */
  close(): void;
}

/**
 * Writes a small QwenPaw instance below `root`, with what real ones have and what goes wrong in them. The backup directory is not made:
 * the first backup does that.
 */
export function sampleInstance(root: string, options: SampleInstanceOptions = {}): SampleInstance {
  const workingDir = join(root, 'working');
  const directories = {
    workingDir,
    secretDir: join(root, 'working.secret'),
    backupDir: join(root, 'working.backups'),
    configFile: join(workingDir, 'config.json'),
  };
  const agents = sampleAgents(root, workingDir);
  const modules = writeModules(directories, agents, options.mediaBytes ?? 60_000);
  writeRegistry(directories.configFile, agents);
  writeTree(workingDir, strangers);

  const expected = Object.fromEntries(modules.flatMap((module) => Object.entries(expectedOf(module))));
  expected['data/config.json'] = readTree(workingDir)['config.json'] as NodeSnapshot;
  const database = wantsDatabase(options) ? openIn(agents) : null;
  return {
    directories,
    env: {
      QWENPAW_WORKING_DIR: workingDir,
      QWENPAW_SECRET_DIR: directories.secretDir,
      QWENPAW_BACKUP_DIR: directories.backupDir,
    },
    agents,
    expected,
    unexpected: unexpectedOf(modules, database),
    missingAgents: agents.filter((agent) => !agent.exists).map((agent) => agent.id),
    databases: database ? [{ entry: database.entry, path: database.path, rows: database.rows }] : [],
    close: () => database?.close(),
  };
}

function sampleAgents(root: string, workingDir: string): SampleAgent[] {
  const inside = (id: string): string => join(workingDir, 'workspaces', id);
  return [
    { id: 'default', name: '默认助手', enabled: true, workspaceDir: inside('default'), exists: true },
    { id: 'a1B2c3', name: 'リサーチ研究員', enabled: true, workspaceDir: inside('a1B2c3'), exists: true },
    {
      id: 'QwenPaw_QA_Agent_0.2',
      name: 'QA Agent',
      enabled: false,
      workspaceDir: inside('QwenPaw_QA_Agent_0.2'),
      exists: true,
    },
    { id: 'nomad', name: 'Nomad 🧭', enabled: true, workspaceDir: join(root, 'elsewhere', '流浪 nomad'), exists: true },
    { id: 'ghost', name: 'ghost', enabled: true, workspaceDir: inside('ghost'), exists: false },
  ];
}

interface WrittenModule {
  prefix: string;
  directory: string;
  excluded: Tree;
}

function writeModules(
  directories: SampleInstance['directories'],
  agents: SampleAgent[],
  mediaBytes: number,
): WrittenModule[] {
  const modules: WrittenModule[] = agents
    .filter((agent) => agent.exists)
    .map((agent) => {
      const { kept, excluded } = workspaceContent(agent, mediaBytes);
      writeTree(agent.workspaceDir, { ...kept, ...excluded });
      return { prefix: `data/workspaces/${agent.id}/`, directory: agent.workspaceDir, excluded };
    });
  const skillPool = join(directories.workingDir, 'skill_pool');
  writeTree(skillPool, skillPoolFiles);
  writeSecrets(directories.secretDir);
  return [
    ...modules,
    { prefix: 'data/skill_pool/', directory: skillPool, excluded: {} },
    { prefix: 'data/secrets/', directory: directories.secretDir, excluded: {} },
  ];
}

function writeSecrets(secretDir: string): void {
  writeTree(secretDir, secretFiles());
  for (const path of ['', 'providers', 'providers/builtin', 'providers/custom'])
    chmodSync(join(secretDir, path), 0o700);
}

function writeRegistry(configFile: string, agents: SampleAgent[]): void {
  const profiles = agents.map(
    ({ id, workspaceDir, enabled }) => [id, { id, workspace_dir: workspaceDir, enabled }] as const,
  );
  const config = {
    agents: {
      active_agent: 'default',
      agent_order: agents.map(({ id }) => id),
      profiles: Object.fromEntries(profiles),
    },
    security: { tool_guard: { enabled: true } },
    mcp: { clients: {} },
    language: 'zh',
    last_api: { host: '127.0.0.1', port: 8088 },
  };
  mkdirSync(join(configFile, '..'), { recursive: true });
  writeFileSync(configFile, JSON.stringify(config, null, 2) + '\n', { mode: 0o644 });
}

/** The files, links and empty directories of a module under the names that their entries have. */
function expectedOf({ prefix, directory, excluded }: WrittenModule): TreeSnapshot {
  const found = readTree(directory);
  const isKept = (path: string): boolean => !Object.hasOwn(excluded, path);
  const isLeafOrEmpty = ([path, node]: [string, NodeSnapshot]): boolean =>
    node.type !== 'directory' || !Object.keys(found).some((other) => other.startsWith(`${path}/`));
  const kept = Object.entries(found)
    .filter(([path]) => isKept(path))
    .filter(isLeafOrEmpty);
  return Object.fromEntries(kept.map(([path, node]) => [prefix + path + (node.type === 'directory' ? '/' : ''), node]));
}

const wantsDatabase = ({ database = 'live' }: SampleInstanceOptions): boolean =>
  database === 'live' || (database === 'if-available' && canOpenDatabases());

interface OpenDatabase extends SampleDatabase {
  entry: string;
  path: string;
}

function openIn([agent]: SampleAgent[]): OpenDatabase {
  if (!agent) throw new Error('The sample has no agent');
  const path = join(agent.workspaceDir, 'history.db');
  return { entry: `data/workspaces/${agent.id}/history.db`, path, ...openSampleDatabase(path) };
}

function unexpectedOf(modules: WrittenModule[], database: OpenDatabase | null): string[] {
  const excluded = modules.flatMap(({ prefix, excluded }) => Object.keys(excluded).map((path) => prefix + path));
  const outside = ['data/workspaces/stray/notes.md', 'data/models/weights.bin'];
  const logs = database ? [`${database.entry}-wal`, `${database.entry}-shm`] : [];
  return [...excluded, ...outside, ...logs];
}
