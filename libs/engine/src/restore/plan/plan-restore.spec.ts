import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArchiveReader } from '@pawvault/archive';
import { DomainError, FULL_SCOPE, type RestorePlanPayload, type TrustState } from '@pawvault/contracts';
import { type QwenpawFixture, readTree } from '@pawvault/testing';
import type { PreparedPlan } from './prepared-plan';
import { customRestore, type Planning, startPlanning } from './spec-support/planning';

let planning: Planning;
beforeEach(() => {
  planning = startPlanning();
});
afterEach(() => planning.close());

const place = () => planning.instance.directories;
const workspace = (id: string): string => planning.instance.agents.find((agent) => agent.id === id)?.workspaceDir ?? '';

type Config = { agents: { profiles: Record<string, object>; agent_order: string[] } } & Record<string, unknown>;
const liveConfig = (): Config => JSON.parse(readFileSync(place().configFile, 'utf8')) as Config;
const configOf = ({ config }: PreparedPlan): Config => JSON.parse(config?.toString('utf8') ?? 'null') as Config;

function editConfig(edit: (config: Config) => void): void {
  const config = liveConfig();
  edit(config);
  writeFileSync(place().configFile, JSON.stringify(config, null, 2) + '\n');
}

const forget = (id: string): void =>
  editConfig(({ agents }) => {
    delete agents.profiles[id];
    agents.agent_order = agents.agent_order.filter((other) => other !== id);
  });

async function refusal(planned: Promise<unknown>): Promise<{ code: string; details: Record<string, unknown> }> {
  const error: unknown = await planned.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof DomainError) return { code: error.code, details: error.details };
  throw new Error('not refused', { cause: error });
}

describe('a full restore', () => {
  it('of what is there changes nothing but what backups leave out', async () => {
    const { plan, config, configIsVerbatim, agentJson, targets } = await planning.plan(await planning.backUp());
    expect(plan.agents.map(({ id, name, action }) => [id, name, action])).toEqual([
      ['QwenPaw_QA_Agent_0.2', 'QA Agent', 'replace'],
      ['a1B2c3', 'リサーチ研究員', 'replace'],
      ['default', '默认助手', 'replace'],
      ['nomad', 'Nomad 🧭', 'replace'],
    ]);
    for (const { id, changes, destination } of plan.agents) {
      const isDefault = id === 'default';
      // What an interrupted restore of QwenPaw has left is not part of a workspace.
      expect(changes).toMatchObject({ added: 0, changed: 0, removed: isDefault ? 1 : 0, carried: isDefault ? 7 : 0 });
      expect(destination).toBe(workspace(id));
    }
    expect(plan.modules.map(({ module, action, changes }) => [module, action, changes.unchanged])).toEqual([
      ['global_config', 'replace', 1],
      ['skill_pool', 'replace', 2],
      ['secrets', 'replace', 5],
    ]);
    expect(plan).toMatchObject({
      scope: FULL_SCOPE,
      config_changes: [],
      preserved_local_keys: [],
      left_behind: [],
      keeps_local_master_key: false,
      replaces_master_key: false,
      restart_required: true,
    });
    expect(plan.warnings).toEqual([
      expect.objectContaining({ code: 'WORKSPACE_NOT_IN_BACKUP', details: { agent: 'ghost' } }),
    ]);
    expect(config?.equals(readFileSync(place().configFile))).toBe(true);
    expect([configIsVerbatim, agentJson.size]).toEqual([true, 0]);
    expect(targets.map(({ kind, id }) => id ?? kind)).toEqual([
      'QwenPaw_QA_Agent_0.2',
      'a1B2c3',
      'default',
      'nomad',
      'skill_pool',
      'secrets',
    ]);
    const content = Object.values(readTree(place().secretDir)).reduce(
      (sum, node) => sum + ('size' in node ? node.size : 0),
      0,
    );
    expect(plan.modules[2]?.changes.bytes).toBe(content);
    expect(plan.bytes).toBe([...plan.agents, ...plan.modules].reduce((sum, { changes }) => sum + changes.bytes, 0));
  });

  it('changes nothing itself', async () => {
    const reader = await planning.backUp();
    const root = join(place().workingDir, '..');
    const before = readTree(root);
    await planning.plan(reader);
    expect(readTree(root)).toEqual(before);
  });

  it('counts what has come, gone and changed since', async () => {
    const reader = await planning.backUp();
    const own = workspace('a1B2c3');
    rmSync(join(own, 'AGENTS.md'));
    writeFileSync(join(own, 'SOUL.md'), 'Be cruel, be brief, forget!!\n');
    appendFileSync(join(own, 'chats.json'), ' ');
    writeFileSync(join(own, 'new.md'), 'later');
    writeFileSync(join(place().secretDir, '.master_key'), 'another');
    editConfig((config) => {
      config['language'] = 'en';
    });
    const { plan } = await planning.plan(reader);
    expect(plan.agents.find(({ id }) => id === 'a1B2c3')?.changes).toMatchObject({ added: 1, changed: 2, removed: 1 });
    expect(plan).toMatchObject({ replaces_master_key: true, config_changes: ['language'] });
  });

  it('leaves later agents behind, on the disk, and takes lost ones back', async () => {
    const reader = await planning.backUp();
    const later = join(place().workingDir, 'workspaces', 'later');
    forget('nomad');
    editConfig(({ agents }) => {
      agents.profiles['later'] = { id: 'later', workspace_dir: later };
    });
    const prepared = await planning.plan(reader);
    const nomad = join(place().workingDir, 'workspaces/nomad');
    expect(prepared.plan.left_behind).toEqual([{ id: 'later', workspace_dir: later }]);
    expect(prepared.plan.agents.find(({ id }) => id === 'nomad')).toMatchObject({ action: 'add', destination: nomad });
    expect(configOf(prepared).agents.profiles['nomad']).toEqual({ id: 'nomad', workspace_dir: nomad, enabled: true });
    expect(JSON.parse(prepared.agentJson.get('nomad')?.toString() ?? '')).toMatchObject({
      id: 'nomad',
      workspace_dir: nomad,
    });
    expect(prepared.plan.config_changes).toEqual([
      'agents.agent_order',
      'agents.profiles.later',
      'agents.profiles.nomad',
    ]);
  });

  it.each(['not JSON', '[]', null])('goes ahead over a config.json of %j', async (text) => {
    const reader = await planning.backUp();
    const before = readFileSync(place().configFile);
    if (text === null) rmSync(place().configFile);
    else writeFileSync(place().configFile, text);
    const { plan, config } = await planning.plan(reader);
    expect(plan.modules[0]).toMatchObject({ module: 'global_config', action: text === null ? 'add' : 'replace' });
    expect(plan.warnings.map(({ code }) => code).includes('CURRENT_CONFIG_UNREADABLE')).toBe(text !== null);
    expect(plan.config_changes).toContain('agents');
    // nomad lived elsewhere, which nobody knows any more
    expect(config?.toString()).toBe(
      before.toString().replace(workspace('nomad'), join(place().workingDir, 'workspaces/nomad')),
    );
  });

  it('of a backup without a module skips it', async () => {
    rmSync(join(place().workingDir, 'skill_pool'), { recursive: true });
    const reader = await planning.backUp();
    mkdirSync(join(place().workingDir, 'skill_pool'));
    const { plan, targets } = await planning.plan(reader);
    expect(plan.modules).toContainEqual(expect.objectContaining({ module: 'skill_pool', action: 'skip' }));
    expect(targets.map(({ kind }) => kind)).not.toContain('skill_pool');
  });

  it('needs a full backup', async () => {
    const reader = await planning.backUp({ scope: { ...FULL_SCOPE, include_secrets: false } });
    expect(await refusal(planning.plan(reader))).toMatchObject({ code: 'RESTORE_NEEDS_FULL_BACKUP' });
  });
});

describe('a custom restore', () => {
  const ticked = (...modules: ('include_global_config' | 'include_skill_pool' | 'include_secrets')[]) =>
    Object.fromEntries(modules.map((module) => [module, true])) as Partial<RestorePlanPayload>;
  const custom = (reader: ArchiveReader, agents: string[], more: Partial<RestorePlanPayload> = {}) => {
    const { backup_id: _, ...payload } = customRestore(agents, more);
    return planning.plan(reader, payload);
  };

  it('of a known agent touches nothing else', async () => {
    const { plan, targets, config } = await custom(await planning.backUp(), ['a1B2c3']);
    expect(targets).toMatchObject([
      {
        kind: 'agent',
        id: 'a1B2c3',
        prefix: 'data/workspaces/a1B2c3/',
        destination: workspace('a1B2c3'),
        exists: true,
        keepInside: [],
      },
    ]);
    expect(config).toBeNull();
    expect(plan).toMatchObject({ modules: [], config_changes: [], left_behind: [], restart_required: false });
  });

  it('of a new agent registers it, enabled as the backup knows it', async () => {
    const reader = await planning.backUp();
    forget('QwenPaw_QA_Agent_0.2');
    const before = liveConfig();
    const base = join(place().workingDir, '../agents here');
    const prepared = await custom(reader, ['QwenPaw_QA_Agent_0.2'], { default_workspace_dir: base });
    const workspace_dir = join(base, 'QwenPaw_QA_Agent_0.2');
    expect(prepared.plan.agents[0]).toMatchObject({ action: 'add', destination: workspace_dir });
    const expected = structuredClone(before);
    expected.agents.profiles['QwenPaw_QA_Agent_0.2'] = { id: 'QwenPaw_QA_Agent_0.2', workspace_dir, enabled: false };
    expected.agents.agent_order.push('QwenPaw_QA_Agent_0.2');
    expect(configOf(prepared)).toEqual(expected);
    expect(prepared.plan.modules).toEqual([]);
    expect(prepared.plan.config_changes).toEqual(['agents.agent_order', 'agents.profiles["QwenPaw_QA_Agent_0.2"]']);
  });

  it('with global settings keeps the registry of the instance', async () => {
    const reader = await planning.backUp();
    editConfig((config) => {
      config['language'] = 'en';
      config.agents.profiles['later'] = { id: 'later' };
    });
    const prepared = await custom(reader, [], ticked('include_global_config'));
    expect(Object.keys(configOf(prepared).agents.profiles)).toContain('later');
    expect(prepared.plan).toMatchObject({ config_changes: ['language'], left_behind: [] });
    expect(prepared.plan.modules).toEqual([expect.objectContaining({ module: 'global_config', action: 'replace' })]);
  });

  it('with global settings that are the same writes none', async () => {
    const { plan, config } = await custom(await planning.backUp(), ['default'], ticked('include_global_config'));
    expect(config).toBeNull();
    expect(plan.modules[0]?.changes).toMatchObject({ unchanged: 1, changed: 0 });
  });

  it('skips what the backup lacks', async () => {
    const scope = { ...FULL_SCOPE, include_secrets: false, include_skill_pool: false, include_global_config: false };
    const reader = await planning.backUp({ scope });
    const all = ticked('include_global_config', 'include_skill_pool', 'include_secrets');
    const { plan, targets, config } = await custom(reader, [], all);
    expect(plan.modules.map(({ module, action }) => [module, action])).toEqual([
      ['global_config', 'skip'],
      ['skill_pool', 'skip'],
      ['secrets', 'skip'],
    ]);
    expect([targets, config, plan.restart_required]).toEqual([[], null, false]);
  });

  it.each(['{"agents":', null])('needs a config.json that can be read: %j', async (text) => {
    const reader = await planning.backUp();
    if (text === null) rmSync(place().configFile);
    else writeFileSync(place().configFile, text);
    expect(await refusal(custom(reader, ['default']))).toEqual({
      code: 'INSTANCE_CONFIG_INVALID',
      details: {
        path: place().configFile,
        ...(text !== null && { line: 1, column: 11, reason: 'the file ends too early' }),
      },
    });
  });

  it('keeps the local master key where the backup has none', async () => {
    const key = join(place().secretDir, '.master_key');
    renameSync(key, `${key}.away`);
    const reader = await planning.backUp();
    renameSync(`${key}.away`, key);
    const { plan, targets } = await custom(reader, [], ticked('include_secrets'));
    expect(plan).toMatchObject({ keeps_local_master_key: true, replaces_master_key: false, restart_required: true });
    expect(plan.modules[0]?.changes.removed).toBe(0);
    expect(targets[0]?.keepInside).toEqual([{ path: key, reason: 'master_key' }]);
  });

  it('keeps the workspace of another agent that lies inside, whatever the backup holds there', async () => {
    const inner = join(workspace('default'), 'inner');
    mkdirSync(inner);
    writeFileSync(join(inner, 'x.md'), 'of default, then');
    const reader = await planning.backUp();
    writeFileSync(join(inner, 'y.md'), 'of guest, now');
    editConfig(({ agents }) => {
      agents.profiles['guest'] = { id: 'guest', workspace_dir: inner };
    });
    const { plan, targets } = await custom(reader, ['default']);
    expect(targets[0]?.keepInside).toEqual([{ path: inner, reason: 'place' }]);
    expect(plan.agents[0]?.changes).toMatchObject({ added: 0, changed: 0, removed: 1 });
    expect(plan.warnings).toEqual([
      expect.objectContaining({ code: 'KEPT_PLACE_NOT_RESTORED', details: expect.objectContaining({ files: 1 }) }),
    ]);
  });

  it('follows a link to the workspace and leaves its name in the registry', async () => {
    const own = workspace('a1B2c3');
    renameSync(own, `${own}-real`);
    symlinkSync(`${own}-real`, own);
    const { targets, config, agentJson } = await custom(await planning.backUp(), ['a1B2c3']);
    expect(targets[0]).toMatchObject({ destination: `${own}-real`, exists: true });
    expect([config, agentJson.size]).toEqual([null, 0]);
  });

  it('restores an agent.json that is no JSON as it is, with a warning', async () => {
    writeFileSync(join(workspace('a1B2c3'), 'agent.json'), '{"name": ');
    const reader = await planning.backUp();
    const { plan, agentJson } = await custom(reader, ['a1B2c3']);
    expect(plan.agents[0]).toMatchObject({ name: 'a1B2c3', changes: { changed: 0 } });
    expect(plan.warnings.map(({ code }) => code)).toEqual(['AGENT_JSON_UNREADABLE']);
    expect(agentJson.size).toBe(0);
  });
});

describe('trust', () => {
  const differ = (): void =>
    editConfig((config) => {
      config['security'] = { tool_guard: { enabled: 'strictly' } };
      delete config['mcp'];
    });

  it.each<[QwenpawFixture, TrustState, RestorePlanPayload['trust_mode'], string[]]>([
    ['native-full.zip', 'unchecked', null, []],
    ['native-full.zip', 'valid', null, []],
    ['native-trusted.zip', 'valid', null, ['security', 'mcp']],
    ['legacy-unsigned.zip', 'unsigned', 'legacy', ['security', 'mcp']],
    ['foreign-full.zip', 'mismatch', 'foreign', ['security', 'mcp']],
  ])('%s, %s, trust %s: preserved are %j', async (name, trust, trust_mode, preserved) => {
    differ();
    const prepared = await planning.plan(await planning.openFixture(name), { trust_mode }, { trust });
    expect(prepared.plan.preserved_local_keys).toEqual(preserved);
    const final = configOf(prepared);
    expect('mcp' in final).toBe(preserved.length === 0);
    expect(final['security']).toEqual(
      preserved.length === 0 ? { tool_guard: { enabled: true } } : liveConfig()['security'],
    );
    expect(prepared.plan.config_changes.some((path) => path.startsWith('security'))).toBe(preserved.length === 0);
  });

  it.each<[QwenpawFixture, TrustState, RestorePlanPayload['trust_mode'], string]>([
    ['legacy-unsigned.zip', 'unsigned', null, 'backup_legacy_unsigned'],
    ['foreign-full.zip', 'mismatch', 'legacy', 'backup_signature_mismatch'],
    ['foreign-full.zip', 'unknown_scheme', null, 'backup_unknown_signature_scheme'],
  ])('%s, %s, trust %s: %s', async (name, trust, trust_mode, code) => {
    const reader = await planning.openFixture(name);
    expect(await refusal(planning.plan(reader, { trust_mode }, { trust }))).toMatchObject({ code });
  });

  it.each([
    ['native-trusted.zip', false, []],
    ['native-full.zip', true, ['security', 'mcp']],
  ] as const)('%s with preserve_local_protected_config %s: %j', async (name, asked, preserved) => {
    differ();
    const { plan } = await planning.plan(await planning.openFixture(name), { preserve_local_protected_config: asked });
    expect(plan.preserved_local_keys).toEqual(preserved);
  });
});

describe("QwenPaw's archives", () => {
  it('get the paths of this instance', async () => {
    const prepared = await planning.plan(await planning.openFixture('native-full.zip'));
    const { profiles } = configOf(prepared).agents;
    for (const id of ['default', 'a1B2c3', 'QwenPaw_QA_Agent_0.2']) {
      expect(profiles[id]).toMatchObject({ workspace_dir: workspace(id) });
      expect(JSON.parse(prepared.agentJson.get(id)?.toString() ?? '')).toMatchObject({ workspace_dir: workspace(id) });
    }
    expect(prepared.plan.left_behind.map(({ id }) => id)).toEqual(['ghost', 'nomad']);
    expect(prepared.plan.replaces_master_key).toBe(true);
  });

  it('restore in part', async () => {
    const reader = await planning.openFixture('native-partial.zip');
    const { plan } = await planning.plan(reader, { mode: 'custom', agent_ids: ['a1B2c3'] });
    expect(plan.agents).toEqual([expect.objectContaining({ id: 'a1B2c3', action: 'replace' })]);
    expect(await refusal(planning.plan(reader, { mode: 'custom', agent_ids: ['default'] }))).toMatchObject({
      code: 'RESTORE_AGENT_NOT_IN_BACKUP',
      details: { agents: ['default'] },
    });
  });
});

describe('the hash of a plan', () => {
  const hash = async (reader: ArchiveReader) => (await planning.plan(reader)).plan.plan_hash;

  it('is the same as long as nothing happens, and the plan with it', async () => {
    const reader = await planning.backUp();
    const first = await planning.plan(reader);
    expect(await planning.plan(reader)).toEqual(first);
  });

  it.each<[string, () => void]>([
    [
      'a file changes that the plan counts as changed already',
      () => appendFileSync(join(workspace('default'), 'SOUL.md'), '!'),
    ],
    ['a file comes', () => writeFileSync(join(workspace('nomad'), 'new'), '')],
    ['config.json is rewritten', () => appendFileSync(place().configFile, ' ')],
    ['a secret changes', () => writeFileSync(join(place().secretDir, 'envs.json'), '{}')],
  ])('is another when %s', async (_, change) => {
    const reader = await planning.backUp();
    appendFileSync(join(workspace('default'), 'SOUL.md'), '!');
    const before = await hash(reader);
    change();
    expect(await hash(reader)).not.toBe(before);
  });

  it('is another for another selection', async () => {
    const reader = await planning.backUp();
    const one = await planning.plan(reader, { mode: 'custom', agent_ids: ['default'] });
    const other = await planning.plan(reader, { mode: 'custom', agent_ids: ['default'], include_skill_pool: true });
    expect(one.plan.plan_hash).not.toBe(other.plan.plan_hash);
  });
});

it('makes an instance where there is none, but no part of one', async () => {
  const reader = await planning.backUp();
  renameSync(place().workingDir, `${place().workingDir}.away`);
  const { plan } = await planning.plan(reader);
  expect(plan.agents.map(({ id, action }) => [id, action])).toContainEqual(['default', 'add']);
  expect(await refusal(planning.plan(reader, customRestore(['default'])))).toMatchObject({
    code: 'INSTANCE_NOT_FOUND',
  });
});

it('stops with the reason of the signal', async () => {
  const reader = await planning.backUp();
  const reason = new DomainError('JOB_CANCELLED');
  await expect(planning.plan(reader, {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
