import { copyFileSync, readFileSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { qwenpawFixture } from '@pawvault/testing';
import { renameBackup } from './rename/rename-backup';
import { restoreBackup } from './restore/restore-backup';
import { bareInstance, backUp } from './spec-support/bare-instance';
import { plainEngine, RecordedJob } from './spec-support/engine-bench';

/** What an import does to an id that it overwrites: another file under the same name. */
function overwrite(path: string): Buffer {
  const other = `${path}.incoming`;
  copyFileSync(path, other);
  utimesSync(other, 1_000, 1_000);
  renameSync(other, path);
  return readFileSync(path);
}

it('a rename does not undo what has replaced the archive meanwhile', async () => {
  const engine = plainEngine(bareInstance({ 'AGENTS.md': 'x'.repeat(1000) }).directories);
  const { result, path } = await backUp(engine);
  const job = new RecordedJob();
  let incoming: Buffer | null = null;
  job.afterReport = () => (incoming ??= overwrite(path));
  const renaming = renameBackup(engine, { backup_id: result.backup_id, name: 'renamed' }, job);
  await expect(renaming).rejects.toMatchObject({ code: 'BACKUP_IN_USE' });
  expect(incoming).not.toBeNull();
  expect(readFileSync(path)).toEqual(incoming);
  expect((await engine.store.find(result.backup_id)).meta.name).not.toBe('renamed');
});

it('a rename does not bring back what was deleted meanwhile', async () => {
  const engine = plainEngine(bareInstance({ 'AGENTS.md': 'x' }).directories);
  const { result, path } = await backUp(engine);
  const job = new RecordedJob();
  job.afterReport = () => rmSync(path, { force: true });
  const renaming = renameBackup(engine, { backup_id: result.backup_id, name: 'renamed' }, job);
  await expect(renaming).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
});

it('a restore that signs an archive anew does not undo what has replaced it meanwhile, and changes nothing', async () => {
  const { directories } = bareInstance({ 'AGENTS.md': 'mine' });
  const engine = plainEngine(directories);
  await backUp(engine);
  const path = join(directories.backupDir, 'foreign.zip');
  copyFileSync(qwenpawFixture('foreign-full.zip'), path);
  const { backups } = await engine.store.list();
  const foreign = backups.find(({ file_name }) => file_name === 'foreign.zip');
  const config = readFileSync(directories.configFile, 'utf8');
  const job = new RecordedJob();
  let incoming: Buffer | null = null;
  job.afterReport = () => (incoming ??= overwrite(path));
  const modules = { include_global_config: true, include_skill_pool: false, include_secrets: false };
  const choices = { default_workspace_dir: null, preserve_local_protected_config: null, plan_hash: null };
  const asked = { mode: 'custom', agent_ids: [], trust_mode: 'foreign', pre_restore_backup: null } as const;
  const payload = { backup_id: foreign?.id ?? '', ...asked, ...modules, ...choices, agent_ids: [] };
  const restoring = restoreBackup(engine, payload, job, { quiesce: { kind: 'none' } });
  await expect(restoring).rejects.toMatchObject({ code: 'BACKUP_IN_USE' });
  expect(readFileSync(path)).toEqual(incoming);
  expect(readFileSync(directories.configFile, 'utf8')).toBe(config);
});
