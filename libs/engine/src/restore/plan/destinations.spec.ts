import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseLossless } from '@pawvault/archive';
import { DomainError } from '@pawvault/contracts';
import { tempDir } from '@pawvault/testing';
import { objectOf } from '../../instance/json/json-value';
import { registryOf } from '../../instance/registry';
import { checkDestinations } from './check-destinations';
import { chooseTargets } from './choose-targets';
import { chooseDestinations, type Destination } from './destinations';
import { inspectOccupied } from './occupied-destinations';
import { locateOccupied } from './occupied-places';
import { type CaseProbe, locate, probePerDevice } from './place';

interface Layout {
  /** Agent id → workspace_dir, relative to the root of the test. */
  registered?: Record<string, string>;
  directories?: string[];
  files?: string[];
  links?: Record<string, string>;
  secretDir?: string;
  backupDir?: string;
}

interface Request {
  agents: string[];
  /** Relative to the root of the test unless it starts with `raw:`. */
  base?: string;
  modules?: ('skill_pool' | 'secrets')[];
  folds?: boolean;
}

async function choose(layout: Layout, request: Request) {
  const root = tempDir('destinations');
  const at = (path: string) => join(root, path);
  for (const path of ['working', ...(layout.directories ?? [])]) mkdirSync(at(path), { recursive: true });
  for (const path of layout.files ?? []) writeFileSync(at(path), '');
  for (const [path, target] of Object.entries(layout.links ?? {})) symlinkSync(at(target), at(path));
  const directories = {
    working_dir: at('working'),
    secret_dir: at(layout.secretDir ?? 'secret'),
    backup_dir: at(layout.backupDir ?? 'backups'),
    config_file: at('working/config.json'),
  };
  const entries = Object.entries(layout.registered ?? {}).map(([id, path]) => [id, { workspace_dir: at(path) }]);
  const registry = await registryOf(
    objectOf(parseLossless(JSON.stringify({ agents: { profiles: Object.fromEntries(entries) } }))),
    directories.working_dir,
    'error',
  );
  const current = { directories, registry, configPath: directories.config_file };
  const { folds } = request;
  const probe: CaseProbe = folds === undefined ? probePerDevice() : () => Promise.resolve(folds);
  const find = (path: string) => locate(path, probe);
  const base =
    request.base === undefined ? null : request.base.startsWith('raw:') ? request.base.slice(4) : at(request.base);
  const destinations = await chooseDestinations({ agents: request.agents, defaultWorkspaceDir: base }, current, find);
  const occupied = await locateOccupied(current, find);
  checkDestinations(destinations, occupied);
  const modules = { global_config: 'untouched', skill_pool: 'untouched', secrets: 'untouched' } as const;
  const asked = Object.fromEntries((request.modules ?? []).map((module) => [module, 'restore'] as const));
  const targets = await chooseTargets({ modules: { ...modules, ...asked } }, destinations, occupied);
  const relative = (path: string) => path.slice(root.length + 1);
  return {
    destinations: Object.fromEntries(destinations.map((one: Destination) => [one.agent, relative(one.place.path)])),
    registered: Object.fromEntries(destinations.map((one) => [one.agent, relative(one.workspaceDir)])),
    kept: targets.flatMap(({ keepInside }) => keepInside.map(({ path }) => relative(path))),
    warnings: (await inspectOccupied(destinations)).map(({ code }) => code),
  };
}

async function refusal(layout: Layout, request: Request): Promise<Record<string, unknown>> {
  const error: unknown = await choose(layout, request).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DomainError)) throw new Error('not refused', { cause: error });
  expect(error.code).toBe('RESTORE_DESTINATION_REFUSED');
  return error.details;
}

describe('where an agent goes', () => {
  it.each<[string, Layout, Request, string]>([
    ['the registered path', { registered: { a: 'far/a' }, directories: ['far/a'] }, { agents: ['a'] }, 'far/a'],
    [
      'the registered path, before the requested',
      { registered: { a: 'far/a' }, directories: ['far/a'] },
      { agents: ['a'], base: 'new' },
      'far/a',
    ],
    [
      'the requested one when the registered is missing',
      { registered: { a: 'far/a' } },
      { agents: ['a'], base: 'new' },
      'new/a',
    ],
    [
      'the default when the registered is missing',
      { registered: { a: 'far/a' } },
      { agents: ['a'] },
      'working/workspaces/a',
    ],
    [
      'the default when the registered is a file',
      { registered: { a: 'a' }, files: ['a'] },
      { agents: ['a'] },
      'working/workspaces/a',
    ],
    ['the requested one for a new agent', {}, { agents: ['a'], base: 'new' }, 'new/a'],
    ['the default for a new agent', {}, { agents: ['a'] }, 'working/workspaces/a'],
  ])('%s', async (_, layout, request, expected) => {
    expect((await choose(layout, request)).destinations).toEqual({ a: expected });
  });

  it('follows a link to the directory and leaves the name in the registry', async () => {
    const layout = { registered: { a: 'link' }, directories: ['real'], links: { link: 'real' } };
    expect(await choose(layout, { agents: ['a'] })).toMatchObject({
      destinations: { a: 'real' },
      registered: { a: 'link' },
    });
  });
});

describe('is refused', () => {
  const two = { a: 'one', b: 'one' };
  it.each<[string, Layout, Request, Record<string, unknown>]>(
    [
      [
        'shared_directory',
        { registered: two, directories: ['one'] },
        { agents: ['a', 'b'] },
        { agent: 'a', with: 'b' },
      ],
      [
        'shared_directory',
        { registered: { a: 'one', b: 'link' }, directories: ['one'], links: { link: 'one' } },
        { agents: ['a', 'b'] },
        { with: 'b' },
      ],
      ['shared_directory', {}, { agents: ['Foo', 'foo'], folds: true }, { agent: 'Foo' }],
      ['other_agent', { registered: two, directories: ['one'] }, { agents: ['a'] }, { agent: 'a', with: 'b' }],
      [
        'other_agent',
        { registered: { b: 'new/a' }, directories: ['new/a'] },
        { agents: ['a'], base: 'new' },
        { with: 'b' },
      ],
      [
        'other_agent',
        { registered: { b: 'new' }, directories: ['new'] },
        { agents: ['a'], base: 'new' },
        { with: 'b' },
      ],
      [
        'other_agent',
        { registered: { b: 'new/a/deep' }, directories: ['new/a/deep'] },
        { agents: ['a'], base: 'new' },
        { with: 'b' },
      ],
      ['other_agent', { registered: { b: 'new/a' } }, { agents: ['a'], base: 'new' }, { with: 'b' }],
      [
        'other_agent',
        { registered: { b: 'working/workspaces/A' }, directories: ['working/workspaces/A'] },
        { agents: ['a'], folds: true },
        { with: 'b' },
      ],
      [
        'nested_agents',
        { registered: { a: 'one', b: 'one/b' }, directories: ['one/b'] },
        { agents: ['a', 'b'] },
        { with: 'b' },
      ],
      [
        'nested_agents',
        { registered: { a: 'one/a', b: 'one' }, directories: ['one/a'] },
        { agents: ['a', 'b'] },
        { with: 'b' },
      ],
      ['working_root', { registered: { a: 'working' } }, { agents: ['a'] }, { agent: 'a' }],
      ['working_root', { registered: { a: '' } }, { agents: ['a'] }, {}],
      ['working_root', { registered: { a: 'link' }, links: { link: 'working' } }, { agents: ['a'] }, {}],
      ['secret_dir', { registered: { a: 'secret' }, directories: ['secret'] }, { agents: ['a'] }, {}],
      ['secret_dir', { directories: ['secret'] }, { agents: ['a'], base: 'secret' }, {}],
      [
        'secret_dir',
        { registered: { a: 'one' }, directories: ['one/secret'], secretDir: 'one/secret' },
        { agents: ['a'] },
        {},
      ],
      ['backup_dir', { directories: ['backups'] }, { agents: ['a'], base: 'backups' }, {}],
      [
        'backup_dir',
        { registered: { a: 'one' }, directories: ['one/backups'], backupDir: 'one/backups' },
        { agents: ['a'] },
        {},
      ],
      ['backup_dir', { directories: ['backups'], links: { via: 'backups' } }, { agents: ['a'], base: 'via' }, {}],
      ['plugins', {}, { agents: ['plugins'], base: 'working' }, {}],
      ['plugins', {}, { agents: ['a'], base: 'working/plugins' }, {}],
      ['custom_channels', {}, { agents: ['custom_channels'], base: 'working' }, {}],
      ['custom_channels', {}, { agents: ['a'], base: 'working/custom_channels/x' }, {}],
      ['skill_pool', {}, { agents: ['a'], base: 'working/skill_pool' }, {}],
      ['not_a_directory', { files: ['new'] }, { agents: ['a'], base: 'new' }, {}],
      [
        'dangling_link',
        { directories: ['working/workspaces'], links: { 'working/workspaces/a': 'nowhere' } },
        { agents: ['a'] },
        {},
      ],
      [
        'not_a_workspace',
        { directories: ['home/Documents'], files: ['home/Documents/tax.pdf'] },
        { agents: ['Documents'], base: 'home' },
        {},
      ],
      ['not_absolute', {}, { agents: ['a'], base: 'raw:relative/dir' }, { agent: null, path: 'relative/dir' }],
      ['not_absolute', {}, { agents: ['a'], base: 'raw:~/dir' }, { path: '~/dir' }],
      [
        'nested_targets',
        { registered: { a: 'one' }, directories: ['one/pool'], links: { 'working/skill_pool': 'one/pool' } },
        { agents: [], modules: ['skill_pool', 'secrets'] },
        { never: true },
      ],
      [
        'working_root',
        { links: { 'working/skill_pool': 'working' } },
        { agents: [], modules: ['skill_pool'] },
        { agent: null },
      ],
      ['working_root', { secretDir: '' }, { agents: [], modules: ['secrets'] }, {}],
      ['backup_dir', { directories: ['backups'], secretDir: 'backups' }, { agents: [], modules: ['secrets'] }, {}],
      ['backup_dir', { directories: ['backups/s'], secretDir: 'backups/s' }, { agents: [], modules: ['secrets'] }, {}],
      [
        'other_agent',
        { registered: { a: 'secret' }, directories: ['secret'] },
        { agents: [], modules: ['secrets'] },
        { with: 'a' },
      ],
      [
        'secret_dir',
        { directories: ['working/skill_pool/s'], secretDir: 'working/skill_pool/s' },
        { agents: [], modules: ['skill_pool'] },
        {},
      ],
    ].filter(([, , , details]) => !('never' in (details as object))) as never,
  )('%s: %j, %j', async (reason, layout, request, details) => {
    const found = await refusal(layout, request);
    expect(found).toMatchObject({ reason, ...details });
    expect(found).toHaveProperty('path');
  });
});

describe('is accepted', () => {
  it.each<[string, Layout, Request]>([
    ['ids that differ by case where the file system tells them apart', {}, { agents: ['Foo', 'foo'], folds: false }],
    [
      'an agent inside another one that is not restored',
      { registered: { a: 'one/a', b: 'one' }, directories: ['one/a'] },
      { agents: ['a'] },
    ],
    [
      'a neighbour whose name begins alike',
      { registered: { b: 'new/ab' }, directories: ['new/ab'] },
      { agents: ['a'], base: 'new' },
    ],
    [
      'the place of an agent that moves away in the same restore',
      { registered: { a: 'gone' } },
      { agents: ['a', 'gone'], base: 'new' },
    ],
    ['an empty directory that the request chose', { directories: ['new/a'] }, { agents: ['a'], base: 'new' }],
  ])('%s', async (_, layout, request) => {
    expect((await choose(layout, request)).warnings).toEqual([]);
  });

  it.each<[string, Layout, Request]>([
    ['what an agent left where QwenPaw puts agents', { directories: ['working/workspaces/a/x'] }, { agents: ['a'] }],
    [
      'a workspace below the requested directory',
      { directories: ['new/a'], files: ['new/a/agent.json'] },
      { agents: ['a'], base: 'new' },
    ],
  ])('with a warning: %s', async (_, layout, request) => {
    expect((await choose(layout, request)).warnings).toEqual(['DESTINATION_OCCUPIED']);
  });
});

describe('keeps what belongs to others', () => {
  it.each<[string, Layout, Request, string[]]>([
    [
      'a nested workspace',
      { registered: { a: 'one', b: 'one/in/b' }, directories: ['one/in/b'] },
      { agents: ['a'] },
      ['one/in/b'],
    ],
    [
      'the outermost of nested ones',
      { registered: { a: 'one', b: 'one/b', c: 'one/b/c' }, directories: ['one/b/c'] },
      { agents: ['a'] },
      ['one/b'],
    ],
    [
      'backups among the secrets',
      { directories: ['secret/backups'], backupDir: 'secret/backups' },
      { agents: [], modules: ['secrets'] },
      ['secret/backups'],
    ],
    [
      'a workspace in the skill pool',
      { registered: { b: 'working/skill_pool/b' }, directories: ['working/skill_pool/b'] },
      { agents: [], modules: ['skill_pool'] },
      ['working/skill_pool/b'],
    ],
    [
      'nothing that is only registered',
      { registered: { a: 'one', b: 'one/b' }, directories: ['one'] },
      { agents: ['a'] },
      [],
    ],
  ])('%s', async (_, layout, request, kept) => {
    expect((await choose(layout, request)).kept).toEqual(kept);
  });
});
