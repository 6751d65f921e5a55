import { type InstanceDirectories, isInstanceId } from '@pawvault/contracts';
import type { ArchiveLimits } from '@pawvault/archive';
import { openQuarantine, openStore, type Quarantine, type Store } from '@pawvault/store';
import type { TaskRunner } from './threads/tasks';
import { threadEntry } from './threads/thread-entry';
import { ThreadPool } from './threads/thread-pool';
import { compileExcludeRules, DEFAULT_EXCLUDE_RULES, type ExcludeRules } from './walk/exclude-rules';

export interface EngineOptions {
  instanceId: string;
  /** Absolute paths, as the configuration resolves them. */
  directories: { workingDir: string; secretDir: string; backupDir: string; configFile: string };
  limits: ArchiveLimits;
  exclude: { useDefaults: boolean; rules: readonly string[] };
  /** What is mounted inside a module is left out of backups. Default: false. */
  oneFileSystem?: boolean;
  /** Links that lead out of their module are packed with the content of the file that they lead to. Default: false. */
  followOutwardLinks?: boolean;
  /** Worker threads for reading, compressing and hashing. */
  threads: number;
  qwenpawVersion: string | null;
  qwenpawApiUrl: string | null;
  /** Deflate level 1–9; 6 is what zip and QwenPaw use. */
  level?: number;
  clock?: () => Date;
}

/** What the verbs work with; made once per process. */
export interface EngineDeps {
  instanceId: string;
  directories: InstanceDirectories;
  limits: ArchiveLimits;
  excludeRules: ExcludeRules;
  oneFileSystem: boolean;
  followOutwardLinks: boolean;
  qwenpawVersion: string | null;
  qwenpawApiUrl: string | null;
  level: number;
  pool: TaskRunner;
  store: Store;
  quarantine: Quarantine;
  clock: () => Date;
}

export interface Engine extends EngineDeps {
  /** Ends the threads; running verbs fail. */
  close(): Promise<void>;
}

/** @throws DomainError CONFIG_INVALID for an exclude rule that is no pattern; Error when the thread program was not built */
export function createEngine(options: EngineOptions): Engine {
  if (!isInstanceId(options.instanceId)) throw new RangeError('instanceId is not valid');
  const pool = new ThreadPool(threadEntry(), options.threads);
  const { instanceId, limits, qwenpawVersion, qwenpawApiUrl } = options;
  const clock = options.clock ?? ((): Date => new Date());
  const { workingDir, secretDir, backupDir, configFile } = options.directories;
  return {
    instanceId,
    directories: { working_dir: workingDir, secret_dir: secretDir, backup_dir: backupDir, config_file: configFile },
    limits,
    qwenpawVersion,
    qwenpawApiUrl,
    excludeRules: compileExcludeRules([
      ...(options.exclude.useDefaults ? DEFAULT_EXCLUDE_RULES : []),
      ...options.exclude.rules,
    ]),
    oneFileSystem: options.oneFileSystem ?? false,
    followOutwardLinks: options.followOutwardLinks ?? false,
    level: options.level ?? 6,
    pool,
    store: openStore({ backupDir, limits }),
    quarantine: openQuarantine({ backupDir, clock }),
    clock,
    close: () => pool.close(),
  };
}
