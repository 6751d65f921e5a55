import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { RestorePayload } from '@pawvault/contracts';
import { readTree, type TreeSnapshot, writeTree } from '@pawvault/testing';
import { createBackup } from '../create/create-backup';
import type { EngineDeps } from '../engine';
import { backUp, type BareInstance, bareInstance, register } from '../spec-support/bare-instance';
import { fullPayload, plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { journalAuthority } from './journal-authority';
import { journalPathOf, recoverInstance } from './recover-instance';
import { restoreBackup } from './restore-backup';

interface Scene {
  instance: BareInstance;
  engine: EngineDeps;
  backupId: string;
  canary: string;
  journal: string;
}

/** An instance that has changed since its backup, and a directory beside it that has nothing to do with it. */
async function scene(): Promise<Scene> {
  const instance = bareInstance({ 'AGENTS.md': 'saved' });
  const { root, directories, workspace } = instance;
  writeTree(directories.secretDir, { '.master_key': 'key' });
  const canary = join(root, 'canary');
  writeTree(canary, { 'secret.txt': 'only for its owner', 'directory/file': 'x' });
  chmodSync(canary, 0o700);
  const engine = plainEngine(directories);
  const { result } = await backUp(engine);
  writeFileSync(join(workspace, 'AGENTS.md'), 'since');
  return { instance, engine, backupId: result.backup_id, canary, journal: journalPathOf(engine) };
}

const payloadOf = ({ backupId }: Scene): RestorePayload => ({
  backup_id: backupId,
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
});

/** As the worker's handlers do it: recovery comes first. */
const jobs: Record<string, (scene: Scene, job: RecordedJob) => Promise<unknown>> = {
  'backup.create': async ({ engine }, job) => {
    await recoverInstance(engine, job.signal);
    return createBackup(engine, fullPayload(), job);
  },
  'backup.restore': async (at, job) => {
    await recoverInstance(at.engine, job.signal);
    return restoreBackup(at.engine, payloadOf(at), job, { quiesce: { kind: 'none' } });
  },
};

/** Everything, but for the lock file and the journal itself. */
function everything({ instance }: Scene): TreeSnapshot {
  const all = Object.entries(readTree(instance.root));
  return Object.fromEntries(all.filter(([path]) => !/restore\.lock$/.test(path) && path !== 'working'));
}

interface Planted {
  version?: 1 | 2;
  state?: string;
  id?: string;
  seal?: 'none' | 'ours';
  target: (scene: Scene) => Record<string, unknown>;
}

async function plant(
  at: Scene,
  { version = 2, state = 'swapping', id = '0badcafe', seal = 'ours', target }: Planted,
): Promise<void> {
  const { path, ...change } = target(at) as { path: string };
  const area = join(dirname(path), `.pawvault-restore-${id}-0`);
  const parts =
    version === 1 ? { staged: `${area}-new`, aside: `${area}-old` } : { staged: `${area}/new`, aside: `${area}/old` };
  const states = version === 1 ? { attributes: null } : { fixed: [], before: [], after: [] };
  const base = { path, kind: 'sibling', ...parts, existed: true, carry: [], made_parents: [], ...states };
  const journal = {
    version,
    state,
    id,
    targets: [{ ...base, ...change }],
    note: { job_id: 'planted', result: { replaced: [] } },
  };
  if (version === 1) return writeFileSync(at.journal, JSON.stringify(journal, null, 1), { mode: 0o600 });
  const text = JSON.stringify(journal);
  const code = seal === 'ours' ? await journalAuthority(at.engine).seal(text) : `hmac-sha256:${'0'.repeat(64)}`;
  writeFileSync(at.journal, `${text}\n${code}\n`, { mode: 0o600 });
}

const STATES = ['staging', 'swapping', 'committed'];
const backups = ({ instance }: Scene): string => instance.directories.backupDir;

const CASES: [string, Planted][] = [
  ['without a seal', { seal: 'none', target: ({ canary }) => ({ path: canary }) }],
  ['over the backups', { target: (at) => ({ path: backups(at) }) }],
  ['over an archive', { target: (at) => ({ path: join(backups(at), 'x.zip'), kind: 'in-place' }) }],
  ['over what holds everything', { target: ({ instance }) => ({ path: instance.root }) }],
  ['over the working directory', { target: ({ instance }) => ({ path: instance.directories.workingDir }) }],
  ['with the backups as old content', { target: (at) => ({ path: at.instance.workspace, aside: backups(at) }) }],
  ['with the canary as new content', { target: (at) => ({ path: at.instance.workspace, staged: at.canary }) }],
  [
    'with the private directory of another target',
    {
      target: ({ instance: { workspace } }) => {
        const other = join(dirname(workspace), '.pawvault-restore-0badcafe-1');
        return { path: workspace, staged: join(other, 'new'), aside: join(other, 'old') };
      },
    },
  ],
  ['with an id that leads elsewhere', { id: '../../x', target: (at) => ({ path: at.instance.workspace }) }],
  ['with a parent that is none', { target: (at) => ({ path: at.instance.workspace, made_parents: [at.canary] }) }],
  ['of version 1 over the canary', { version: 1, target: ({ canary }) => ({ path: canary }) }],
  ['of version 1 over the backups', { version: 1, target: (at) => ({ path: backups(at) }) }],
  [
    'of version 1 over secrets that it calls new',
    { version: 1, target: ({ instance }) => ({ path: instance.directories.secretDir, existed: false }) },
  ],
  [
    'of version 1 with a parent that is none',
    { version: 1, target: (at) => ({ path: at.instance.workspace, made_parents: [at.canary] }) },
  ],
];

describe.each(STATES)('a planted journal in state %s', (state) => {
  it.each(CASES)('%s is not acted upon by any job, and the message tells what to do', async (_, planted) => {
    const at = await scene();
    await plant(at, { ...planted, state });
    const before = everything(at);
    for (const run of Object.values(jobs)) {
      const error = await run(at, new RecordedJob()).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: 'RESTORE_JOURNAL_UNTRUSTED', details: { path: at.journal } });
      expect(everything(at)).toEqual(before);
    }
    rmSync(at.journal);
    for (const run of Object.values(jobs)) await run(at, new RecordedJob());
    expect(readFileSync(join(at.instance.workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
  });
});

describe('a planted journal of version 1', () => {
  it.each(STATES)('over what the registry was made to name changes nothing there: %s', async (state) => {
    const at = await scene();
    const { directories, workspace } = at.instance;
    register(directories.configFile, { a: workspace, evil: at.canary });
    const attributes = { before: { mode: 0o777, mtime_ms: 1 }, after: { mode: 0o777, mtime_ms: 1 } };
    const own = join(at.canary, '.pawvault-restore-0badcafe-0');
    const parts = { staged: `${own}-new`, aside: `${own}-old` };
    await plant(at, { version: 1, state, target: () => ({ path: at.canary, kind: 'children', ...parts, attributes }) });
    const before = [lstatSync(at.canary).mode, readTree(at.canary)];
    await recoverInstance(at.engine, new RecordedJob().signal);
    expect([lstatSync(at.canary).mode, readTree(at.canary)]).toEqual(before);
  });

  it('says nothing of jobs: what it calls done is done when the job comes', async () => {
    const at = await scene();
    await plant(at, { version: 1, state: 'committed', target: ({ instance }) => ({ path: instance.workspace }) });
    await jobs['backup.restore']?.(at, new RecordedJob('planted'));
    expect(readFileSync(join(at.instance.workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
  });

  it('without targets is not acted upon', async () => {
    const at = await scene();
    writeFileSync(
      at.journal,
      JSON.stringify({ version: 1, state: 'committed', id: '0badcafe', targets: [], note: {} }),
      { mode: 0o600 },
    );
    await expect(recoverInstance(at.engine, new RecordedJob().signal)).rejects.toMatchObject({
      code: 'RESTORE_JOURNAL_UNTRUSTED',
    });
  });
});

it('a journal of version 1 that a crash has left is recovered, of a new agent as well', async () => {
  const at = await scene();
  const workspaces = dirname(at.instance.workspace);
  writeTree(join(workspaces, 'new-agent'), { 'AGENTS.md': 'published' });
  await plant(at, { version: 1, target: () => ({ path: join(workspaces, 'new-agent'), existed: false }) });
  await expect(recoverInstance(at.engine, new RecordedJob().signal)).resolves.toMatchObject({ outcome: 'rolled-back' });
  expect(readdirSync(workspaces)).toEqual(['a']);
});

it.each(['link', 'directory'])('a %s in the place of the journal stops every job and is left alone', async (what) => {
  const at = await scene();
  if (what === 'link') symlinkSync(join(at.canary, 'secret.txt'), at.journal);
  else mkdirSync(at.journal);
  const before = everything(at);
  for (const run of Object.values(jobs))
    await expect(run(at, new RecordedJob())).rejects.toMatchObject({ code: 'RESTORE_JOURNAL_UNTRUSTED' });
  expect(everything(at)).toEqual(before);
});

it('a link in the place of the lock stops a restore, and nothing is made where it leads', async () => {
  const at = await scene();
  symlinkSync(join(at.canary, 'new'), join(at.instance.directories.workingDir, '.qwenpaw_restore.lock'));
  await expect(jobs['backup.restore']?.(at, new RecordedJob())).rejects.toMatchObject({ code: 'STATE_FILE_UNTRUSTED' });
  expect(readdirSync(at.canary).sort()).toEqual(['directory', 'secret.txt']);
});
