import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTree } from '@pawvault/testing';
import { type Backed, backUp, type BareInstance, bareInstance, register } from '../spec-support/bare-instance';
import { plainEngine } from '../spec-support/engine-bench';

const reasons = ({ view }: Backed): [string, string][] =>
  view.head.omissions.map(({ path, reason }): [string, string] => [path, reason]);

/** With secrets and an earlier archive beside the workspace. */
function furnished(): BareInstance {
  const instance = bareInstance({ 'agent.json': '{"name":"A"}' });
  writeTree(instance.directories.secretDir, { '.master_key': 'key' });
  writeTree(instance.directories.backupDir, { 'older.zip': 'not to be packed', '.signing_key': `${'5'.repeat(64)}\n` });
  return instance;
}

const noneOf = (backed: Backed, ...parts: string[]): void =>
  expect(backed.view.names.filter((name) => parts.some((part) => name.includes(part)))).toEqual([]);

describe('a workspace that', () => {
  it('is missing is an omission, and the agent does not count', async () => {
    const { directories, workspace } = bareInstance();
    register(directories.configFile, { a: workspace, b: join(workspace, '..', 'gone') });
    const backed = await backUp(plainEngine(directories));
    expect(backed.result.agents).toEqual(['a']);
    expect(reasons(backed)).toEqual([['data/workspaces/b/', 'missing_workspace']]);
    expect(backed.job.codes).toEqual(['WORKSPACE_MISSING', 'PATHS_OMITTED']);
  });

  it('is a file is as good as missing', async () => {
    const { directories, workspace } = bareInstance({ 'a.txt': 'x' });
    register(directories.configFile, { b: join(workspace, 'a.txt') });
    expect(reasons(await backUp(plainEngine(directories)))).toEqual([['data/workspaces/b/', 'missing_workspace']]);
  });

  it('is nested in another is packed once, in its own place', async () => {
    const { directories, workspace } = bareInstance({ 'a.txt': 'outer', 'inner/b.txt': 'inner' });
    register(directories.configFile, { a: workspace, b: join(workspace, 'inner') });
    const backed = await backUp(plainEngine(directories));
    expect(backed.view.names).toEqual([
      'data/workspaces/a/',
      'data/workspaces/a/a.txt',
      'data/workspaces/b/',
      'data/workspaces/b/b.txt',
      'manifest.json',
      'meta.json',
    ]);
    expect(reasons(backed)).toEqual([['data/workspaces/a/inner/', 'nested_workspace']]);
    expect(backed.job.codes).toContain('WORKSPACE_OVERLAP');
  });

  it('is shared by two agents is packed for both', async () => {
    const { directories, workspace } = bareInstance({ 'a.txt': 'shared' });
    register(directories.configFile, { a: workspace, b: `${workspace}/` });
    const backed = await backUp(plainEngine(directories));
    expect(backed.view.content('data/workspaces/b/a.txt')).toEqual(backed.view.content('data/workspaces/a/a.txt'));
    expect(backed.job.codes).toEqual(['WORKSPACE_SHARED']);
  });

  it('is a symbolic link is followed, once', async () => {
    const { root, directories, workspace } = bareInstance({
      'a.txt': 'x',
      'link.txt': { type: 'symlink', target: 'a.txt' },
    });
    symlinkSync(workspace, join(root, 'shortcut'));
    register(directories.configFile, { a: join(root, 'shortcut') });
    const backed = await backUp(plainEngine(directories));
    expect(backed.view.manifest.get('data/workspaces/a/link.txt')?.type).toBe('symlink');
    expect(backed.view.content('data/workspaces/a/a.txt').toString()).toBe('x');
  });

  it('contains the backups and the secrets leaves them out, and says so', async () => {
    const { root, directories } = furnished();
    register(directories.configFile, { a: root });
    const backed = await backUp(plainEngine(directories));
    noneOf(backed, 'older.zip', 'signing_key', 'master_key');
    expect(reasons(backed)).toEqual([
      ['data/workspaces/a/working.backups/', 'contains_backup_directory'],
      ['data/workspaces/a/working.secret/', 'contains_secret_directory'],
    ]);
    expect(backed.job.codes.filter((code) => code === 'WORKSPACE_OVERLAP')).toHaveLength(2);
  });

  it('contains them behind a link of another name leaves them out as well', async () => {
    const { root, directories } = furnished();
    symlinkSync(directories.backupDir, join(root, 'elsewhere'));
    register(directories.configFile, { a: root });
    const backed = await backUp(plainEngine({ ...directories, backupDir: join(root, 'elsewhere') }));
    noneOf(backed, 'older.zip', 'signing_key', 'master_key');
  });

  it.each([
    ['backups', 'backupDir', 'contains_backup_directory'],
    ['secrets', 'secretDir', 'contains_secret_directory'],
  ] as const)('is the directory of the %s itself is left out', async (_, place, reason) => {
    const { directories } = furnished();
    register(directories.configFile, { a: directories[place] });
    const backed = await backUp(plainEngine(directories));
    noneOf(backed, 'older.zip', 'signing_key', 'master_key');
    expect(reasons(backed)).toEqual([['data/workspaces/a/', reason]]);
    expect(backed.result.agents).toEqual([]);
    expect(backed.job.codes).toContain('WORKSPACE_OVERLAP');
  });

  it('is given relative to the working directory is found', async () => {
    const { directories } = bareInstance({ 'a.txt': 'x' });
    register(directories.configFile, { a: 'workspaces/a' });
    expect((await backUp(plainEngine(directories))).view.names).toContain('data/workspaces/a/a.txt');
  });
});

describe('modules', () => {
  it('that are the backup directory under another name are left out', async () => {
    const { directories } = furnished();
    const working = directories.workingDir;
    symlinkSync(directories.backupDir, join(working, 'skill_pool'));
    const request = { scope: { include_agents: false, include_global_config: false, include_secrets: true } };
    const backed = await backUp(plainEngine({ ...directories, secretDir: directories.backupDir }), request);
    noneOf(backed, 'older.zip', 'signing_key');
    expect(reasons(backed)).toEqual([
      ['data/secrets/', 'contains_backup_directory'],
      ['data/skill_pool/', 'contains_backup_directory'],
    ]);
  });

  it('that hold secrets without a master key are reported', async () => {
    const { directories } = bareInstance();
    mkdirSync(directories.secretDir);
    writeFileSync(join(directories.secretDir, 'envs.json'), '{}');
    const backed = await backUp(plainEngine(directories), { scope: { include_secrets: true } });
    expect(backed.job.codes).toContain('MASTER_KEY_NOT_IN_BACKUP');
    expect(backed.view.names).toContain('data/secrets/envs.json');
  });

  it('take the config file under its fixed name whatever it is called, also through a link', async () => {
    const { directories } = bareInstance();
    const configFile = join(directories.workingDir, 'custom.json');
    symlinkSync(directories.configFile, configFile);
    const backed = await backUp(plainEngine({ ...directories, configFile }), {
      scope: { include_global_config: true },
    });
    expect(JSON.parse(backed.view.content('data/config.json').toString())).toHaveProperty('agents.profiles.a');
  });
});

it('agent ids that are no directory name are named, and the other agents are kept', async () => {
  const { directories, workspace } = bareInstance();
  register(directories.configFile, {
    '../evil': workspace,
    智能体: workspace,
    '.hidden': workspace,
    'new\nline': workspace,
    'fine.0_2-x': workspace,
  });
  const backed = await backUp(plainEngine(directories));
  expect(backed.result.agents).toEqual(['智能体', 'fine.0_2-x']);
  expect(reasons(backed)).toEqual([
    ['data/workspaces/../evil/', 'agent_id_invalid'],
    ['data/workspaces/.hidden/', 'agent_id_invalid'],
    ['data/workspaces/new\nline/', 'agent_id_invalid'],
  ]);
  expect(backed.job.codes.filter((code) => code === 'AGENT_ID_INVALID')).toHaveLength(3);
});
