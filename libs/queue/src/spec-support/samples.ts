import type {
  CreatePayload,
  CreateResult,
  ImportView,
  InstanceView,
  JobProgress,
  RestorePayload,
  RestorePlan,
  RestorePlanPayload,
  RestoreResult,
  VerifyResult,
} from '@pawvault/contracts';
import type { Handlers, QueueLogger, QueueTiming } from '../index';

/** So short that a spec sees what takes half a minute in earnest. */
export const FAST: Partial<QueueTiming> = { lock: 1000, stalledCheck: 400, heartbeat: 500 };

export const silent: QueueLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {
  return undefined;
}

let made = 0;

export function createPayload(change: Partial<CreatePayload> = {}): CreatePayload {
  made += 1;
  return {
    name: `Before the upgrade ${made}`,
    description: '升级之前',
    scope: { include_agents: true, include_global_config: true, include_secrets: false, include_skill_pool: true },
    agents: ['default', 'QwenPaw_QA_Agent_0.2'],
    created_at: '2026-04-20T09:30:00.000Z',
    short_id: made.toString(16).padStart(8, '0'),
    ...change,
  };
}

export const createResult = (payload: CreatePayload): CreateResult => ({
  backup_id: `qwenpaw-1.1.9-20260420T093000Z-${payload.short_id}`,
  size: 1,
  agents: ['default'],
  files: 1,
  bytes: 1,
  omissions: [],
  omission_count: 0,
  exclusions: [],
  duration_ms: 1,
});

export const verifyResult = (backup_id: string): VerifyResult => ({
  backup_id,
  state: 'ok',
  entries: 1,
  bytes: 1,
  trust: 'valid',
  manifest: 'ok',
  problems: [],
  problem_count: 0,
  duration_ms: 1,
});

export const planPayload = (change: Partial<RestorePlanPayload> = {}): RestorePlanPayload => ({
  backup_id: 'qwenpaw-1.1.9-20260420T093000Z-ab12cd34',
  mode: 'custom',
  agent_ids: ['default'],
  include_global_config: false,
  include_skill_pool: false,
  include_secrets: true,
  default_workspace_dir: null,
  preserve_local_protected_config: null,
  trust_mode: null,
  ...change,
});

export const restorePayload = (change: Partial<RestorePayload> = {}): RestorePayload => ({
  ...planPayload(),
  pre_restore_backup: null,
  plan_hash: null,
  ...change,
});

export const restoreResult = ({ backup_id, mode }: RestorePlanPayload): RestoreResult => ({
  backup_id,
  mode,
  replaced: ['default'],
  added: [],
  kept: [],
  skipped: [],
  preserved_local_keys: [],
  left_behind: [],
  pre_restore_backup_id: null,
  saved_master_key: null,
  restart_required: true,
  files: 1,
  bytes: 1,
  duration_ms: 1,
});

const planOf = ({ backup_id, mode }: RestorePlanPayload): RestorePlan => ({
  backup_id,
  mode,
  scope: { include_agents: true, include_global_config: false, include_skill_pool: false, include_secrets: true },
  agents: [],
  modules: [],
  config_changes: [],
  preserved_local_keys: [],
  left_behind: [],
  keeps_local_master_key: false,
  replaces_master_key: false,
  bytes: 1,
  restart_required: true,
  paths: [],
  path_counts: { added: 0, changed: 0, removed: 0, carried: 0 },
  warnings: [],
  plan_hash: 'a'.repeat(64),
});

export const progressAt = (percent: number): JobProgress => ({
  phase: 'pack',
  percent,
  current: 'default',
  agents_done: 0,
  agents_total: 1,
  files_done: 0,
  files_total: 1,
  bytes_done: 0,
  bytes_total: 1,
  bytes_per_second: 0,
  eta_seconds: null,
});

const instance: InstanceView = {
  instance_id: 'spec',
  directories: { working_dir: '/w', secret_dir: '/w.secret', backup_dir: '/w.backups', config_file: '/w/config.json' },
  qwenpaw_version: '1.1.9',
  active_agent: null,
  agents: [],
  modules: {
    global_config: { exists: true, files: 1, bytes: 1 },
    skill_pool: { exists: true, files: 1, bytes: 1 },
    secrets: { exists: true, files: 1, bytes: 1 },
  },
  backup_dir_free_bytes: 1,
  warnings: [],
  inspected_at: '2026-04-20T09:30:00.000Z',
};

export const importOf = (id: string): ImportView => ({
  id,
  state: 'accepted',
  file_name: null,
  size: 1,
  created_at: '2026-04-20T09:30:00.000Z',
  expires_at: null,
  job_id: null,
  meta: null,
  report: [],
  conflict: null,
  trust_needed: null,
  backup_id: 'imported',
});

/** Handlers that answer at once, but for those that a spec brings. */
export const handlersWith = (own: Partial<Handlers> = {}): Handlers => ({
  'backup.create': (payload) => Promise.resolve(createResult(payload)),
  'backup.verify': ({ backup_id }) => Promise.resolve(verifyResult(backup_id)),
  'backup.rename': ({ backup_id }) => Promise.resolve({ backup_id, name: 'renamed', description: '' }),
  'backup.restore': (payload) => Promise.resolve(restoreResult(payload)),
  'restore.plan': (payload) => Promise.resolve(planOf(payload)),
  'import.check': ({ import_id }) => Promise.resolve(importOf(import_id)),
  'import.accept': ({ import_id }) => Promise.resolve(importOf(import_id)),
  'instance.inspect': () => Promise.resolve(instance),
  ...own,
});
