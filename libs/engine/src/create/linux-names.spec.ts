import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SIGNING_KEY_NAME } from '@pawvault/archive';
import { FULL_SCOPE, type ImportView } from '@pawvault/contracts';
import { ODDLY_NAMED_FIXTURES, qwenpawFixture, type Tree } from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { acceptImport } from '../import/accept-import';
import { checkImport } from '../import/check-import';
import { backUp, type BareInstance, bareInstance, PREFIX } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob, threadedEngine } from '../spec-support/engine-bench';
import { verifyBackup } from '../verify/verify-backup';

const SIGNATURE_SCRIPT = resolve(__dirname, '../../../archive/src/spec-support/qwenpaw_signature.py');

const ASCII = Array.from({ length: 127 }, (_, i) => String.fromCharCode(i + 1)).filter((sign) => sign !== '/');
/** What Linux allows in a name and Windows, macOS, a shell or a zip program may give a meaning to. */
const NAMES = [
  ...ASCII.map((sign) => `n${sign}n`),
  ...ASCII.filter((sign) => sign !== '.'),
  'telegram:42.json',
  'C:',
  'C:\\Users\\me\\report.md',
  '\\\\server\\share',
  '..\\..\\up',
  '...',
  '.hidden',
  'trailing.',
  ' both ends ',
  '-rf',
  'CON',
  '__proto__',
  '报告 №1.txt',
  '😀.txt',
  '\u202egnp.exe',
  '\ufeffbom',
  '\uffff',
  'caf\u00e9',
  'cafe\u0301',
  'README',
  'Readme',
  'n'.repeat(255),
  '字'.repeat(85),
  `${'😀'.repeat(63)}.md`,
];

const contentOf = (name: string): string => `content of ${JSON.stringify(name)}`;
const TREE: Tree = Object.fromEntries(NAMES.map((name) => [name, contentOf(name)]));
const ENTRIES = new Set(NAMES.map((name) => PREFIX + name));

interface Place extends BareInstance {
  deps: EngineDeps;
}

function place(make: typeof plainEngine = plainEngine): Place {
  const instance = bareInstance(TREE);
  mkdirSync(instance.directories.backupDir, { mode: 0o700 });
  copyFileSync(qwenpawFixture('signing_key'), join(instance.directories.backupDir, SIGNING_KEY_NAME));
  return { ...instance, deps: make(instance.directories) };
}

/** Packs the workspace as QwenPaw does it, signed with the local key. */
function packAsQwenpaw({ workspace, directories, root }: Place): Buffer {
  const script = `
import json, os, sys, zipfile
source, target, prefix, meta = sys.argv[1:]
with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('meta.json', meta)
    for name in sorted(os.listdir(source)): archive.write(os.path.join(source, name), prefix + name)
`;
  const target = join(root, 'qwenpaw.zip');
  const meta = {
    id: 'qwenpaw-1.1.9-20260420T093000Z-ab12cd34',
    name: 'n',
    description: '',
    created_at: '2026-04-20T09:30:00Z',
    version: '1',
    scope: FULL_SCOPE,
    agent_count: 1,
    qwenpaw_version: '1.1.9',
    system_info: {},
    signature: null as string | null,
    accepted_via_trust: false,
  };
  const pack = (): void => {
    execFileSync('python3', ['-c', script, workspace, target, PREFIX, JSON.stringify(meta)]);
  };
  pack();
  const key = join(directories.backupDir, SIGNING_KEY_NAME);
  meta.signature = execFileSync('python3', [SIGNATURE_SCRIPT, target, key]).toString().trim();
  pack();
  return readFileSync(target);
}

async function runImport(deps: EngineDeps, bytes: Buffer): Promise<ImportView> {
  const { quarantine } = deps;
  const { id } = await quarantine.reserve({ fileName: 'x.zip', trustMode: null });
  writeFileSync(quarantine.archivePath(id), bytes);
  await quarantine.admit(id);
  const check = new RecordedJob();
  await quarantine.update(id, { job_id: check.jobId });
  const view = await checkImport(deps, { import_id: id }, check);
  if (view.state !== 'needs_decision') return view;
  const accept = new RecordedJob();
  await quarantine.update(id, { job_id: accept.jobId });
  return acceptImport(deps, { import_id: id, overwrite: false, trust_mode: view.trust_needed }, accept);
}

async function namesIn(deps: EngineDeps, id: string): Promise<string[]> {
  const { files } = await deps.store.files(id, { limit: 5_000 });
  return files.filter(({ type }) => type === 'file').map(({ path }) => path);
}

async function contentIn(deps: EngineDeps, id: string, path: string): Promise<string> {
  const { stream } = await deps.store.openFile(id, path);
  return Buffer.concat((await stream.toArray()) as Buffer[]).toString();
}

describe('every name that Linux allows', () => {
  it('goes into a backup and is read from it', async () => {
    const { deps } = place(threadedEngine);
    const { result, view } = await backUp(deps);
    expect(result.omissions).toEqual([]);
    expect(new Set(await namesIn(deps, result.backup_id))).toEqual(ENTRIES);
    for (const name of NAMES) expect(view.content(PREFIX + name).toString()).toBe(contentOf(name));
    const verified = await verifyBackup(deps, { backup_id: result.backup_id }, new RecordedJob());
    expect(verified).toMatchObject({ state: 'ok', trust: 'valid', manifest: 'ok', problems: [] });
  });

  it('is read from an archive of QwenPaw, listed, verified and imported', async () => {
    const here = place();
    const view = await runImport(here.deps, packAsQwenpaw(here));
    expect(view).toMatchObject({ state: 'accepted', trust_needed: null });
    const id = view.backup_id ?? '';
    expect(new Set(await namesIn(here.deps, id))).toEqual(ENTRIES);
    for (const name of NAMES) expect(await contentIn(here.deps, id, PREFIX + name)).toBe(contentOf(name));
    const verified = await verifyBackup(here.deps, { backup_id: id }, new RecordedJob());
    expect(verified).toMatchObject({ state: 'ok', trust: 'valid', manifest: 'absent', problems: [] });
  });
});

describe.each(ODDLY_NAMED_FIXTURES)("%s, QwenPaw's own", (fixture) => {
  it('is listed as it lies, verified, and imported', async () => {
    const { deps, directories } = place();
    copyFileSync(qwenpawFixture(fixture), join(directories.backupDir, 'copied.zip'));
    const { backups, invalid } = await deps.store.list();
    expect([backups.length, invalid]).toEqual([1, []]);
    const id = backups[0]?.id ?? '';
    const verified = await verifyBackup(deps, { backup_id: id }, new RecordedJob());
    expect(verified).toMatchObject({ state: 'ok', trust: 'mismatch', problems: [] });
    const odd = (await namesIn(deps, id)).filter((name) => /[:\\]/.test(name));
    expect(odd).toHaveLength(1);
    expect(await contentIn(deps, id, odd[0] ?? '')).toHaveLength(1);

    const other = place();
    const view = await runImport(other.deps, readFileSync(qwenpawFixture(fixture)));
    expect(view).toMatchObject({ state: 'accepted', trust_needed: 'foreign', backup_id: id });
    const again = await verifyBackup(other.deps, { backup_id: id }, new RecordedJob());
    expect(again).toMatchObject({ state: 'ok', trust: 'valid', problems: [] });
  });
});
