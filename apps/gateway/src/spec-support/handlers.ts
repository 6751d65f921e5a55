import type { InstanceView } from '@pawvault/contracts';
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
  'instance.inspect': () => Promise.resolve(INSTANCE),
  ...own,
});
