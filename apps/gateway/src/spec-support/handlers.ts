import type { ImportView, InstanceView, RestorePlan, RestorePlanPayload, RestoreResult } from '@pawvault/contracts';
import type { Handlers } from '@pawvault/queue';

export const INSTANCE: InstanceView = {
  instance_id: 'default',
  directories: { working_dir: '/w', secret_dir: '/w.secret', backup_dir: '/w.backups', config_file: '/w/config.json' },
  qwenpaw_version: '1.1.9',
  active_agent: 'default',
  agents: [{ id: 'default', name: 'Mina', enabled: true, workspace_dir: '/w/a', exists: true, files: 3, bytes: 7 }],
  modules: {
    global_config: { exists: true, files: 1, bytes: 2 },
    skill_pool: { exists: false, files: 0, bytes: 0 },
    secrets: { exists: true, files: 2, bytes: 9 },
  },
  backup_dir_free_bytes: 1e9,
  warnings: [],
  inspected_at: '2026-04-20T09:30:00.000Z',
};

export const planOf = ({ backup_id, mode }: RestorePlanPayload): RestorePlan => ({
  backup_id,
  mode,
  scope: { include_agents: false, include_global_config: false, include_skill_pool: true, include_secrets: false },
  agents: [],
  modules: [
    {
      module: 'skill_pool',
      action: 'replace',
      destination: '/w/skill_pool',
      changes: { added: 1, changed: 2, removed: 3, carried: 0, unchanged: 4, bytes: 5 },
    },
  ],
  config_changes: [],
  preserved_local_keys: [],
  left_behind: [],
  keeps_local_master_key: false,
  replaces_master_key: false,
  bytes: 5,
  restart_required: false,
  paths: [],
  path_counts: { added: 1, changed: 2, removed: 3, carried: 0 },
  warnings: [],
  plan_hash: 'a1'.repeat(32),
});

export const restoreResultOf = ({ backup_id, mode }: RestorePlanPayload): RestoreResult => ({
  backup_id,
  mode,
  replaced: ['skill_pool'],
  added: [],
  kept: [],
  skipped: [],
  preserved_local_keys: [],
  left_behind: [],
  pre_restore_backup_id: null,
  saved_master_key: null,
  restart_required: false,
  files: 7,
  bytes: 5,
  duration_ms: 1,
});

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

/** A worker's handlers that answer at once, but for those that a spec brings. */
export const handlersWith = (own: Partial<Handlers>): Handlers => ({
  'backup.create': ({ short_id }) =>
    Promise.resolve({
      backup_id: `qwenpaw-1.1.9-20260420T093000Z-${short_id}`,
      size: 1,
      agents: ['default'],
      files: 1,
      bytes: 1,
      omissions: [],
      omission_count: 0,
      exclusions: [],
      duration_ms: 1,
    }),
  'backup.verify': ({ backup_id }) =>
    Promise.resolve({
      backup_id,
      state: 'ok',
      entries: 1,
      bytes: 1,
      trust: 'valid',
      manifest: 'ok',
      problems: [],
      problem_count: 0,
      duration_ms: 1,
    }),
  'backup.rename': ({ backup_id, name = '', description = '' }) => Promise.resolve({ backup_id, name, description }),
  'backup.restore': (payload) => Promise.resolve(restoreResultOf(payload)),
  'restore.plan': (payload) => Promise.resolve(planOf(payload)),
  'import.check': ({ import_id }) => Promise.resolve(importOf(import_id)),
  'import.accept': ({ import_id }) => Promise.resolve(importOf(import_id)),
  'instance.inspect': () => Promise.resolve(INSTANCE),
  ...own,
});
