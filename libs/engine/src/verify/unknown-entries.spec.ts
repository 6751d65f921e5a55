import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SIGNING_KEY_NAME } from '@pawvault/archive';
import { FULL_SCOPE, type RestorePayload } from '@pawvault/contracts';
import { type ForgedEntry, forgeZip, qwenpawFixture, readTree } from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { acceptImport } from '../import/accept-import';
import { checkImport } from '../import/check-import';
import { planBackupRestore } from '../restore/plan-backup-restore';
import { restoreBackup } from '../restore/restore-backup';
import { type BareInstance, bareInstance } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { proveArchive } from './prove-archive';
import { verifyBackup } from './verify-backup';

/** As a later version or a fork of QwenPaw, or a person with a zip program, would pack it. */
const UNKNOWN: Record<string, string> = {
  'README.txt': 'read me',
  'META-INF/MANIFEST.MF': 'a jar',
  'backup/meta.json': '{}',
  'data/browser_data.json': '{}',
  'data/platform_content/user_workspaces/u/secret.md': 'of a user',
  'data/workspaces/.pawvault-restore-1-old/agent.json': '{}',
};
const KNOWN: Record<string, string> = {
  'data/workspaces/a/agent.json': '{"id":"a"}',
  'data/workspaces/智能 体/agent.json': '{"id":"智能 体"}',
};
const PLACES = [
  'META-INF/',
  'README.txt',
  'backup/',
  'data/browser_data.json',
  'data/platform_content/',
  'data/workspaces/.pawvault-restore-1-old/',
];
const WARNING = expect.objectContaining({ code: 'UNKNOWN_ENTRIES', details: { files: 6, bytes: 27, places: PLACES } });

const RESTORE: RestorePayload = {
  backup_id: 'later',
  mode: 'custom',
  agent_ids: ['a', '智能 体'],
  include_global_config: false,
  include_skill_pool: false,
  include_secrets: false,
  default_workspace_dir: null,
  preserve_local_protected_config: null,
  trust_mode: null,
  pre_restore_backup: null,
  plan_hash: null,
};

function archive(entries: Record<string, string>, extra: ForgedEntry[] = []): Buffer {
  const meta = { id: 'later', name: 'n', created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE };
  const files = Object.entries(entries).map(([name, content]) => ({ name, content }));
  return forgeZip([...files, ...extra, { name: 'meta.json', content: JSON.stringify(meta) }]);
}

interface Place extends BareInstance {
  deps: EngineDeps;
}

function place(): Place {
  const instance = bareInstance({ 'live.txt': 'as it was' });
  mkdirSync(instance.directories.backupDir, { mode: 0o700 });
  copyFileSync(qwenpawFixture('signing_key'), join(instance.directories.backupDir, SIGNING_KEY_NAME));
  return { ...instance, deps: plainEngine(instance.directories) };
}

/** Imported with trust, and so signed with the local key. */
async function imported(bytes: Buffer): Promise<Place> {
  const here = place();
  const { quarantine } = here.deps;
  const { id } = await quarantine.reserve({ fileName: 'x.zip', trustMode: null });
  writeFileSync(quarantine.archivePath(id), bytes);
  await quarantine.admit(id);
  const check = new RecordedJob();
  await quarantine.update(id, { job_id: check.jobId });
  const view = await checkImport(here.deps, { import_id: id }, check);
  expect(view.report.find(({ name }) => name === 'layout')).toMatchObject({
    state: 'passed',
    code: 'UNKNOWN_ENTRIES',
    message: expect.stringContaining('"data/platform_content/"') as string,
  });
  const accept = new RecordedJob();
  await quarantine.update(id, { job_id: accept.jobId });
  await acceptImport(here.deps, { import_id: id, overwrite: false, trust_mode: 'legacy' }, accept);
  return here;
}

it('entries that no module owns are imported, verified, counted and listed', async () => {
  const { deps } = await imported(archive({ ...UNKNOWN, ...KNOWN }));
  const job = new RecordedJob();
  const verified = await verifyBackup(deps, { backup_id: 'later' }, job);
  expect(verified).toMatchObject({ state: 'ok', trust: 'valid', entries: 9 });
  expect(job.warnings).toEqual([WARNING]);

  const detail = await deps.store.detail('later');
  expect(detail).toMatchObject({ unknown: { files: 6, bytes: 27 }, modules: {} });
  expect(Object.keys(detail.agents).sort()).toEqual(['a', '智能 体']);
  const { files } = await deps.store.files('later', { limit: 100 });
  const names = [...Object.keys(UNKNOWN), ...Object.keys(KNOWN)];
  expect(files.map(({ path }) => path)).toEqual(names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  const { stream } = await deps.store.openFile('later', 'README.txt');
  expect((await stream.toArray()).join('')).toBe('read me');
});

it('they are never restored, and a plan says so', async () => {
  const { deps, root, directories, workspace } = await imported(archive({ ...UNKNOWN, ...KNOWN }));
  const plan = await planBackupRestore(deps, RESTORE, new RecordedJob());
  expect(plan.warnings).toContainEqual(WARNING);
  await restoreBackup(deps, RESTORE, new RecordedJob(), { quiesce: { kind: 'none' } });
  expect(Object.keys(readTree(workspace))).toEqual(['agent.json']);
  expect(existsSync(join(directories.workingDir, 'workspaces', '智能 体', 'agent.json'))).toBe(true);
  const left = Object.keys(readTree(root)).filter((path) => !path.startsWith('working.backups'));
  expect(left.filter((path) => /README|META-INF|browser_data|platform|pawvault-restore/.test(path))).toEqual([]);
});

it('their content is proven like all other', async () => {
  const { deps, root } = place();
  const path = join(root, 'quarantined');
  writeFileSync(path, archive(KNOWN, [{ name: 'data/platform_content/x', content: 'x', crc32: 1 }]));
  const { problems } = await proveArchive(deps, path, { context: new RecordedJob(), extent: 'everything' });
  expect(problems).toMatchObject([{ code: 'ARCHIVE_ENTRY_CRC_MISMATCH', path: 'data/platform_content/x' }]);
});

it('a link among them must stay inside the archive', async () => {
  const { deps, root } = place();
  const path = join(root, 'quarantined');
  const link = (name: string, content: string): ForgedEntry => ({ name, content, unixMode: 0o120777 });
  writeFileSync(path, archive(KNOWN, [link('data/platform_content/in', '../x'), link('data/p/out', '../../../etc')]));
  const { problems } = await proveArchive(deps, path, { context: new RecordedJob(), extent: 'everything' });
  expect(problems).toMatchObject([{ code: 'ARCHIVE_SYMLINK_ESCAPES', path: 'data/p/out' }]);
});

it('an archive of the layout alone has no warning', async () => {
  const { deps, root } = place();
  const path = join(root, 'quarantined');
  writeFileSync(path, archive(KNOWN));
  const proof = await proveArchive(deps, path, { context: new RecordedJob(), extent: 'everything' });
  expect(proof).toMatchObject({ warnings: [], problemCount: 0 });
  expect(proof.checks.find(({ name }) => name === 'layout')).toMatchObject({ state: 'passed', code: null });
});
