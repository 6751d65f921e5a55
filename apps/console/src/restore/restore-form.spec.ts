import { type BackupDetail, FULL_SCOPE, type InstanceView } from '@pawvault/contracts';
import {
  agentsOf,
  initialForm,
  isForeign,
  modulesOf,
  newAgents,
  obstacle,
  type RestoreForm,
  selectionOf,
  trustAskedBy,
  trustNeeded,
} from './restore-form';

const STATS = { files: 2, bytes: 30 };

const backup = (part: Partial<BackupDetail> = {}): BackupDetail => ({
  id: 'b-1',
  name: 'Before the upgrade',
  description: '',
  created_at: '2026-04-20T09:30:00Z',
  version: '1',
  scope: { ...FULL_SCOPE },
  agent_count: 2,
  qwenpaw_version: '1.1.9',
  system_info: {},
  accepted_via_trust: null,
  kind: 'full',
  size: 1,
  file_name: 'b-1.zip',
  trust: 'valid',
  verified: 'never',
  verified_at: null,
  has_manifest: true,
  agents: { known: { ...STATS, name: 'Known' }, fresh: { ...STATS, name: 'Fresh' }, gone: { ...STATS, name: 'Gone' } },
  modules: {},
  omissions: [],
  exclusions: [],
  duplicates: [],
  ...part,
});

const PARTIAL = backup({ kind: 'partial', scope: { ...FULL_SCOPE, include_skill_pool: false } });

const agent = (id: string, workspace_dir: string, exists: boolean) => ({
  ...STATS,
  id,
  name: id,
  enabled: true,
  workspace_dir,
  exists,
});

const INSTANCE = {
  directories: { working_dir: '/data/working/' },
  agents: [agent('known', '/elsewhere/known', true), agent('gone', '/elsewhere/gone', false)],
} as unknown as InstanceView;

const form = (part: Partial<RestoreForm> = {}, of = PARTIAL): RestoreForm => ({
  ...initialForm(of),
  ...part,
});

describe('the form of a restore', () => {
  it('begins with full for a full backup, and with the way back ticked', () => {
    expect(initialForm(backup())).toMatchObject({ mode: 'full', backUpFirst: true, trust: null });
  });

  it('begins with custom for a partial one: all that it has, but secrets', () => {
    const begun = form();
    expect([begun.mode, [...begun.agents], [...begun.modules]]).toEqual([
      'custom',
      ['known', 'fresh', 'gone'],
      ['global_config'],
    ]);
    expect(modulesOf(PARTIAL)).toEqual(['global_config', 'secrets']);
  });

  it('knows which agents it replaces and adds, and where they go', () => {
    const places = (workspaceDir: string): unknown =>
      agentsOf(PARTIAL, INSTANCE, workspaceDir).map(({ id, action, destination }) => [id, action, destination]);
    expect(places('')).toEqual([
      ['known', 'replace', '/elsewhere/known'],
      ['fresh', 'add', '/data/working/workspaces/fresh'],
      ['gone', 'replace', '/data/working/workspaces/gone'],
    ]);
    expect(places(' /mnt/agents/ ')).toMatchObject([{}, ['fresh', 'add', '/mnt/agents/fresh'], {}]);
  });

  it('asks for a location for new agents that are taken', () => {
    const agents = agentsOf(PARTIAL, INSTANCE, '');
    const ids = (of: RestoreForm): string[] => newAgents(of, agents).map(({ id }) => id);
    expect(ids(form())).toEqual(['fresh']);
    expect(ids(form({ agents: new Set(['known']) }))).toEqual([]);
    expect(ids(form({ mode: 'full', agents: new Set() }))).toEqual(['fresh']);
  });

  it.each([
    [{ agents: new Set<string>(), modules: new Set<never>() }, 'nothing_selected'],
    [{ mode: 'full' as const, agents: new Set<string>(), modules: new Set<never>() }, null],
    [{ workspaceDir: 'agents' }, 'workspace_dir_relative'],
    [{ workspaceDir: ' /agents' }, null],
    [{}, null],
  ])('%j is held up by %s', (part, expected) => expect(obstacle(form(part))).toBe(expected));

  it('sends in full mode nothing that the archive says itself', () => {
    expect(selectionOf(form({}, backup()), backup())).toEqual({
      mode: 'full',
      default_workspace_dir: null,
      preserve_local_protected_config: null,
      trust_mode: null,
    });
  });

  it('sends in custom mode what is ticked', () => {
    const sent = selectionOf(form({ agents: new Set(['known']), modules: new Set(['secrets']) }), PARTIAL);
    expect(sent).toMatchObject({ mode: 'custom', agent_ids: ['known'], include_global_config: false });
    expect(sent).toMatchObject({ include_secrets: true, preserve_local_protected_config: null });
  });

  it('speaks of local settings only for archives from elsewhere whose config.json is taken', () => {
    const foreign = backup({ ...PARTIAL, trust: 'mismatch' });
    const said = (of: BackupDetail, part: Partial<RestoreForm> = {}): unknown =>
      selectionOf(form(part, of), of).preserve_local_protected_config;
    expect([isForeign(foreign), isForeign(PARTIAL)]).toEqual([true, false]);
    expect(isForeign(backup({ accepted_via_trust: true }))).toBe(true);
    expect([said(foreign), said(foreign, { preserveLocal: false })]).toEqual([true, false]);
    expect([said(PARTIAL), said(foreign, { modules: new Set() })]).toEqual([null, null]);
  });

  it.each([
    ['valid', null],
    ['unchecked', null],
    ['unsigned', 'legacy'],
    ['mismatch', 'foreign'],
    ['unknown_scheme', 'foreign'],
  ] as const)('of an archive that is %s asks for %s', (trust, asked) => {
    expect(trustNeeded(backup({ trust }))).toBe(asked);
  });

  it('knows the refusals that are questions of trust', () => {
    expect(trustAskedBy('backup_legacy_unsigned')).toBe('legacy');
    expect(trustAskedBy('backup_signature_mismatch')).toBe('foreign');
    expect(trustAskedBy('backup_unknown_signature_scheme')).toBe('foreign');
    expect(['IO_ERROR', 'constructor', ''].map(trustAskedBy)).toEqual([null, null, null]);
  });
});
