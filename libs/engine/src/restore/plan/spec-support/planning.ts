import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchiveReader, DEFAULT_LIMITS, openArchive } from '@pawvault/archive';
import type { BackupScope, RestorePlanPayload } from '@pawvault/contracts';
import { FULL_SCOPE } from '@pawvault/contracts';
import { qwenpawFixture, type QwenpawFixture, sampleInstance, type SampleInstance, tempDir } from '@pawvault/testing';
import { createBackup } from '../../../create/create-backup';
import { createEngine, type Engine } from '../../../engine';
import { type PlanOptions, planRestore } from '../plan-restore';
import type { PreparedPlan } from '../prepared-plan';

const CREATED_AT = '2026-04-20T09:30:00.000Z';

/** A sample instance, an engine on it, and what is needed to plan restores of it. */
export interface Planning {
  instance: SampleInstance;
  engine: Engine;
  /** Makes a backup and opens it; all readers are closed at the end. */
  backUp(request?: { scope?: BackupScope; agents?: 'all' | string[] }): Promise<ArchiveReader>;
  openFixture(name: QwenpawFixture): Promise<ArchiveReader>;
  plan(
    reader: ArchiveReader,
    payload?: Partial<RestorePlanPayload>,
    options?: Partial<PlanOptions>,
  ): Promise<PreparedPlan>;
  close(): Promise<void>;
}

export function startPlanning(): Planning {
  const instance = sampleInstance(tempDir('plan'), { database: 'none' });
  const engine = createEngine({
    instanceId: 'default',
    directories: instance.directories,
    limits: DEFAULT_LIMITS,
    exclude: { useDefaults: true, rules: [] },
    threads: 1,
    qwenpawVersion: '1.1.9',
    qwenpawApiUrl: null,
    level: 1,
  });
  const readers: ArchiveReader[] = [];
  const openedAt = async (path: string): Promise<ArchiveReader> => {
    const reader = await openArchive(path, DEFAULT_LIMITS);
    readers.push(reader);
    return reader;
  };
  const { backupDir } = instance.directories;
  return {
    instance,
    engine,
    async backUp({ scope = FULL_SCOPE, agents = 'all' } = {}) {
      const short_id = readers.length.toString(16).padStart(8, '0');
      const payload = { name: 'a backup', description: '', scope, agents, created_at: CREATED_AT, short_id };
      const made = await createBackup(engine, payload, quietContext());
      return openedAt(join(backupDir, `${made.backup_id}.zip`));
    },
    openFixture(name) {
      mkdirSync(backupDir, { recursive: true });
      copyFileSync(qwenpawFixture(name), join(backupDir, name));
      return openedAt(join(backupDir, name));
    },
    async plan(reader, payload = {}, options = {}) {
      const { id } = await reader.meta(DEFAULT_LIMITS);
      const signal = new AbortController().signal;
      return planRestore(
        engine,
        reader,
        { ...FULL_RESTORE, backup_id: id, ...payload },
        { signal, trust: 'valid', ...options },
      );
    },
    async close() {
      for (const reader of readers) await reader.close();
      await engine.close();
      instance.close();
    },
  };
}

const quietContext = () => ({
  jobId: 'planning',
  signal: new AbortController().signal,
  onProgress: () => undefined,
  warn: () => undefined,
  othersUsing: () => Promise.resolve([]),
});

export const FULL_RESTORE: RestorePlanPayload = {
  backup_id: '',
  mode: 'full',
  agent_ids: [],
  include_global_config: false,
  include_skill_pool: false,
  include_secrets: false,
  default_workspace_dir: null,
  preserve_local_protected_config: null,
  trust_mode: null,
};

/** A custom restore of these agents and nothing else. */
export const customRestore = (agent_ids: string[], more: Partial<RestorePlanPayload> = {}): RestorePlanPayload => ({
  ...FULL_RESTORE,
  mode: 'custom',
  agent_ids,
  ...more,
});
