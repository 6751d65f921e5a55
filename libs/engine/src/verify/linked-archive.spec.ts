import { lstatSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { RestorePayload } from '@pawvault/contracts';
import { readTree, tempDir, writeTree } from '@pawvault/testing';
import { renameBackup } from '../rename/rename-backup';
import { restoreBackup } from '../restore/restore-backup';
import { backUp, bareInstance } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { verifyBackup } from './verify-backup';

const TREE = { 'agent.json': '{"id":"a"}', 'notes/a.md': 'as it was' };

/** A backup whose file was moved away, and a link in its place. */
async function linked() {
  const instance = bareInstance(TREE);
  const deps = plainEngine(instance.directories);
  const { path, result } = await backUp(deps);
  const target = join(tempDir('nas'), 'moved.zip');
  renameSync(path, target);
  symlinkSync(target, path);
  return { ...instance, deps, path, target, id: result.backup_id };
}

it('a backup whose file is a link is verified and restored through it', async () => {
  const { deps, id, workspace, path } = await linked();
  const verified = await verifyBackup(deps, { backup_id: id }, new RecordedJob());
  expect(verified).toMatchObject({ state: 'ok', trust: 'valid', manifest: 'ok' });
  expect((await deps.store.summary(id)).verified).toBe('ok');

  writeTree(workspace, { 'agent.json': '{"id":"a","changed":true}' });
  const payload: RestorePayload = {
    backup_id: id,
    mode: 'custom',
    agent_ids: ['a'],
    include_global_config: false,
    include_skill_pool: false,
    include_secrets: false,
    default_workspace_dir: null,
    preserve_local_protected_config: null,
    trust_mode: null,
    pre_restore_backup: null,
    plan_hash: null,
  };
  await restoreBackup(deps, payload, new RecordedJob(), { quiesce: { kind: 'none' } });
  expect(readFileSync(join(workspace, 'agent.json'), 'utf8')).toBe(TREE['agent.json']);
  expect(Object.keys(readTree(workspace))).toEqual(['agent.json', 'notes', 'notes/a.md']);
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
});

it('a rename replaces the link by a file, and leaves the file after it alone', async () => {
  const { deps, id, path, target } = await linked();
  const before = readFileSync(target);
  await renameBackup(deps, { backup_id: id, name: 'renamed' }, new RecordedJob());
  expect(lstatSync(path).isFile()).toBe(true);
  expect(readFileSync(target)).toEqual(before);
  expect(await deps.store.summary(id)).toMatchObject({ name: 'renamed', trust: 'valid' });
});
