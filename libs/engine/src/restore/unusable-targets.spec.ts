import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noise, readTree, type TreeSnapshot } from '@pawvault/testing';
import type { RestorePayload, RestoreResult } from '@pawvault/contracts';
import { backUp, type BareInstance, bareInstance, register } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { itMounts, mountSmallDisk, remount } from '../spec-support/small-disk';
import { restoreBackup } from './restore-backup';

const MIB = 1 << 20;

interface Scene {
  instance: BareInstance;
  disk: string;
  restore: (change?: Partial<RestorePayload>) => Promise<RestoreResult>;
  everything: () => TreeSnapshot;
}

/** Two agents, one of which lives on a disk of its own; settings and both agents have changed since the backup. */
async function prepare(): Promise<Scene> {
  const instance = bareInstance({ 'AGENTS.md': 'saved', 'notes.bin': noise('notes', MIB) });
  const { root, directories, workspace } = instance;
  const disk = join(root, 'disk');
  mkdirSync(disk);
  mountSmallDisk(disk, 64);
  writeFileSync(join(disk, 'MEMORY.md'), noise('memory', 6 * MIB));
  register(directories.configFile, { a: workspace, b: disk });
  const engine = plainEngine(directories);
  const { result } = await backUp(engine, { scope: { include_global_config: true } });
  writeFileSync(join(workspace, 'AGENTS.md'), 'since');
  rmSync(join(disk, 'MEMORY.md'));
  writeFileSync(join(disk, 'since.md'), 'since');
  const choices = { default_workspace_dir: null, preserve_local_protected_config: null, trust_mode: null };
  const modules = { include_global_config: true, include_skill_pool: false, include_secrets: false };
  const asked = { mode: 'custom' as const, agent_ids: ['a', 'b'], pre_restore_backup: null, plan_hash: null };
  const payload: RestorePayload = { backup_id: result.backup_id, ...asked, ...modules, ...choices };
  const restore: Scene['restore'] = (change = {}) =>
    restoreBackup(engine, { ...payload, ...change }, new RecordedJob(), { quiesce: { kind: 'none' } });
  const everything = (): TreeSnapshot => {
    const all = Object.entries({ ...readTree(join(root, 'working')), ...readTree(disk) });
    return Object.fromEntries(all.filter(([path]) => !path.endsWith('.qwenpaw_restore.lock')));
  };
  return { instance, disk, restore, everything };
}

/** Refused with this, everything is what it was; once the disk is in order, the same restore succeeds. */
async function expectRefusal(scene: Scene, bad: string, good: string): Promise<unknown> {
  const { disk, restore, everything, instance } = scene;
  const before = everything();
  remount(disk, bad);
  const refusal: unknown = await restore().then(
    () => null,
    (error: unknown) => error,
  );
  expect(everything()).toEqual(before);
  remount(disk, good);
  expect(everything()).toEqual(before);
  await restore();
  expect(readFileSync(join(disk, 'MEMORY.md')).equals(noise('memory', 6 * MIB))).toBe(true);
  expect(readFileSync(join(instance.workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
  return refusal;
}

itMounts(
  'a disk that is too small for its agent: DISK_FULL that names it and what is missing, and nothing changes',
  async () => {
    const scene = await prepare();
    expect(await expectRefusal(scene, 'size=4m', 'size=64m')).toMatchObject({
      code: 'DISK_FULL',
      details: { path: scene.disk, free_bytes: expect.any(Number), needed_bytes: expect.any(Number) },
    });
  },
);

itMounts('a disk that is read-only: PERMISSION_DENIED that names a path on it, and nothing changes', async () => {
  const scene = await prepare();
  const refusal = await expectRefusal(scene, 'ro', 'rw');
  expect(refusal).toMatchObject({ code: 'PERMISSION_DENIED', details: { path: expect.stringContaining(scene.disk) } });
});

itMounts('with a backup made first, a bad disk is found before that backup', async () => {
  const scene = await prepare();
  remount(scene.disk, 'ro');
  const { backupDir } = scene.instance.directories;
  const before = readdirSync(backupDir);
  const first = { created_at: '2026-04-20T09:30:00Z', short_id: '0badcafe' };
  await expect(scene.restore({ pre_restore_backup: first })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(readdirSync(backupDir)).toEqual(before);
  remount(scene.disk, 'rw');
});
