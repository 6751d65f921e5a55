import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { RestorePayload, RestoreResult } from '@pawvault/contracts';
import { qwenpawFixture, type QwenpawFixture } from '@pawvault/testing';
import { createBackup } from '../create/create-backup';
import type { EngineDeps } from '../engine';
import { bareInstance } from '../spec-support/bare-instance';
import { fullPayload, RecordedJob, threadedEngine } from '../spec-support/engine-bench';
import { restoreBackup } from './restore-backup';

const FULL: Omit<RestorePayload, 'backup_id'> = {
  mode: 'full',
  agent_ids: [],
  include_global_config: false,
  include_skill_pool: false,
  include_secrets: false,
  default_workspace_dir: null,
  preserve_local_protected_config: null,
  trust_mode: null,
  pre_restore_backup: null,
  plan_hash: null,
};

const restore = (deps: EngineDeps, payload: Partial<RestorePayload> & { backup_id: string }): Promise<RestoreResult> =>
  restoreBackup(deps, { ...FULL, ...payload }, new RecordedJob(), { quiesce: { kind: 'none' } });

/** Every character that Linux allows in a name, and what people have. */
const NAMES = [
  ...Array.from({ length: 127 }, (_, i) => `n${String.fromCharCode(i + 1)}m`).filter((name) => !name.includes('/')),
  ...[
    'C:',
    'C:\\Users\\me\\report.md',
    'a:b.txt',
    '..\\up',
    '.hidden',
    '...',
    ' ',
    '-rf',
    '报告',
    'e\u0301.md',
    '\u00e9.txt',
    '😀',
    'n'.repeat(255),
  ],
];

it('every name that Linux allows comes back from a backup', async () => {
  const { directories, workspace } = bareInstance();
  for (const [i, name] of NAMES.entries()) writeFileSync(join(workspace, name), `${i}`);
  const engine = threadedEngine(directories);
  const { backup_id } = await createBackup(engine, fullPayload(), new RecordedJob());
  for (const name of NAMES) writeFileSync(join(workspace, name), 'changed');
  await restore(engine, { backup_id });
  expect(readdirSync(workspace).sort()).toEqual([...NAMES].sort());
  expect(NAMES.map((name) => readFileSync(join(workspace, name), 'utf8'))).toEqual(NAMES.map((_, i) => `${i}`));
});

it.each<[QwenpawFixture, string]>([
  ['names-colon.zip', 'a:b.txt'],
  ['names-windows-path.zip', 'C:\\Users\\me\\report.md'],
])('QwenPaw’s own archive %s is restored with the name %j', async (fixture, name) => {
  const { directories } = bareInstance();
  const engine = threadedEngine(directories);
  mkdirSync(directories.backupDir, { recursive: true });
  copyFileSync(qwenpawFixture(fixture), join(directories.backupDir, fixture));
  const agent = 'QwenPaw_QA_Agent_0.2';
  const [backup] = (await engine.store.list()).backups;
  const choice = { mode: 'custom' as const, agent_ids: [agent], trust_mode: 'foreign' as const };
  const result = await restore(engine, { backup_id: backup?.id ?? '', ...choice });
  expect(result.added).toEqual([agent]);
  const workspace = join(directories.workingDir, 'workspaces', agent);
  expect(readdirSync(workspace).sort()).toEqual(['AGENTS.md', 'agent.json', 'chats.json', name].sort());
  expect(lstatSync(join(workspace, name)).size).toBe(1);
});

describe('links', () => {
  const LINKS: Record<string, string> = {
    'to a file': 'file.txt',
    'to a directory': 'directory',
    'to nothing': 'nowhere',
    absolute: '/usr/bin/python3',
    outward: '../../../elsewhere',
    'to a file below': 'directory/in.txt',
  };

  it('of this installation come back as they were, wherever they lead', async () => {
    const { directories, workspace } = bareInstance({ 'file.txt': 'content', 'directory/in.txt': 'in' });
    for (const [name, target] of Object.entries(LINKS)) symlinkSync(target, join(workspace, name));
    const engine = threadedEngine(directories);
    const { backup_id } = await createBackup(engine, fullPayload(), new RecordedJob());
    const times = Object.keys(LINKS).map((name) => Math.round(lstatSync(join(workspace, name)).mtimeMs));
    writeFileSync(join(workspace, 'file.txt'), 'changed');
    const result = await restore(engine, { backup_id });
    const found = Object.keys(LINKS).map((name) => [name, readlinkSync(join(workspace, name))]);
    expect(Object.fromEntries(found)).toEqual(LINKS);
    expect(Object.keys(LINKS).map((name) => Math.round(lstatSync(join(workspace, name)).mtimeMs))).toEqual(times);
    expect(result.links_not_made).toEqual([]);
    expect(readFileSync(join(workspace, 'file.txt'), 'utf8')).toBe('content');
  });

  it.each([
    ['skip', ['absolute', 'outward']],
    ['keep', []],
  ] as const)('of another installation that lead outward: %s', async (outward_links, unmade) => {
    const { directories, workspace } = bareInstance({ 'file.txt': 'content', 'directory/in.txt': 'in' });
    for (const [name, target] of Object.entries(LINKS)) symlinkSync(target, join(workspace, name));
    const made = await createBackup(threadedEngine(directories), fullPayload(), new RecordedJob());
    const other = bareInstance({ 'file.txt': 'here' });
    mkdirSync(other.directories.backupDir, { recursive: true });
    const name = `${made.backup_id}.zip`;
    copyFileSync(join(directories.backupDir, name), join(other.directories.backupDir, name));
    const engine = threadedEngine(other.directories);
    const choice = { mode: 'custom' as const, agent_ids: ['a'], trust_mode: 'foreign' as const, outward_links };
    const result = await restore(engine, { backup_id: made.backup_id, ...choice });
    expect(result.links_not_made).toEqual(unmade.map((link) => `data/workspaces/a/${link}`));
    const kept = Object.keys(LINKS).filter((link) => !unmade.includes(link as never));
    expect(readdirSync(other.workspace).sort()).toEqual([...kept, 'file.txt', 'directory'].sort());
    expect(kept.map((link) => readlinkSync(join(other.workspace, link)))).toEqual(kept.map((link) => LINKS[link]));
  });
});
