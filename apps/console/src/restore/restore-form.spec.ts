import { type BackupDetail, FULL_SCOPE, type InstanceView, type Role } from '@pawvault/contracts';
import {
  agentsOf,
  initialForm,
  isForeign,
  modulesOf,
  obstacle,
  type Present,
  presentBytes,
  refusalOf,
  type RestoreForm,
  selectionOf,
  type Situation,
  trustAskedBy,
  trustNeeded,
  unplacedAgents,
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
  unknown: null,
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
  modules: { global_config: { bytes: 1 }, skill_pool: { bytes: 2 }, secrets: { bytes: 4 } },
} as unknown as InstanceView;

const at = (of: BackupDetail, instance: Present = INSTANCE, role: Role = 'admin'): Situation => ({
  backup: of,
  instance,
  role,
});

const form = (part: Partial<RestoreForm> = {}, of = PARTIAL): RestoreForm => ({
  ...initialForm(at(of)),
  ...part,
});

const foreign = backup({ trust: 'mismatch' });

describe('the options of a preview', () => {
  const bodyOf = (form: Partial<RestoreForm>, of: BackupDetail): object =>
    selectionOf({ ...initialForm(at(of)), ...form }, at(of));

  it('are off, and not spoken of, unless they are chosen', () => {
    for (const origin of [backup(), foreign])
      for (const field of ['clean', 'outward_links']) expect(bodyOf({}, origin)).not.toHaveProperty(field);
  });

  it('are asked for when they are chosen', () => {
    expect(bodyOf({ clean: true, outwardLinks: true }, foreign)).toMatchObject({ clean: true, outward_links: 'keep' });
  });

  it('do not speak of links where the archive is our own: those come back in any case', () => {
    const body = bodyOf({ clean: true, outwardLinks: true }, backup());
    expect(body).toMatchObject({ clean: true });
    expect(body).not.toHaveProperty('outward_links');
  });
});

describe('the form of a restore', () => {
  it('begins with full for a full backup, and with the way back ticked', () => {
    expect(initialForm(at(backup()))).toMatchObject({ mode: 'full', backUpFirst: true, trust: null });
    expect(presentBytes(INSTANCE)).toBe(67);
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

  it('asks for a location for agents that are taken and have no directory', () => {
    const agents = agentsOf(PARTIAL, INSTANCE, '');
    const ids = (of: RestoreForm): string[] => unplacedAgents(of, agents).map(({ id }) => id);
    expect(ids(form())).toEqual(['fresh', 'gone']);
    expect(ids(form({ agents: new Set(['known', 'gone']) }))).toEqual(['gone']);
    expect(ids(form({ agents: new Set(['known']) }))).toEqual([]);
    expect(ids(form({ mode: 'full', agents: new Set() }))).toEqual(['fresh', 'gone']);
  });

  it('forgets a location that nobody is asked for', () => {
    const known = { agents: new Set(['known']), workspaceDir: 'relative' };
    expect(obstacle(form(known), at(PARTIAL))).toBeNull();
    expect(selectionOf(form({ ...known, workspaceDir: '/mnt' }), at(PARTIAL)).default_workspace_dir).toBeNull();
    expect(selectionOf(form({ workspaceDir: ' /mnt ' }), at(PARTIAL)).default_workspace_dir).toBe('/mnt');
  });

  it('offers of a damaged backup only what is sound in it', () => {
    const damaged = backup({ verified: 'damaged' });
    expect(initialForm(at(damaged)).mode).toBe('custom');
    expect(refusalOf('full', at(damaged))).toBe('damaged');
    expect(refusalOf('custom', at(damaged))).toBeNull();
    expect(obstacle(form({ mode: 'full' }, damaged), at(damaged))).toBe('mode_impossible');
    expect(refusalOf('full', at(PARTIAL))).toBe('not_full');
  });

  it('is not offered in full to who may not restore secrets', () => {
    const operators = at(backup(), INSTANCE, 'operator');
    expect(initialForm(operators).mode).toBe('custom');
    expect(refusalOf('full', operators)).toBe('needs_admin');
    expect(refusalOf('custom', operators)).toBeNull();
  });

  it('goes on without an instance that can be read, in full and with nothing backed up first', () => {
    const begun = initialForm(at(backup(), null));
    expect(begun).toMatchObject({ mode: 'full', backUpFirst: false });
    expect(obstacle(begun, at(backup(), null))).toBeNull();
    expect(obstacle({ ...begun, workspaceDir: 'x' }, at(backup(), null))).toBe('workspace_dir_relative');
    expect(refusalOf('custom', at(backup(), null))).toBe('instance_unreadable');
    expect(agentsOf(backup(), null, '')).toMatchObject([{ action: 'add', placed: false, destination: null }, {}, {}]);
    expect(agentsOf(backup(), null, '/mnt')).toMatchObject([{ destination: '/mnt/known' }, {}, {}]);
  });

  it.each([
    [{ agents: new Set<string>(), modules: new Set<never>() }, 'nothing_selected'],
    [{ workspaceDir: 'agents' }, 'workspace_dir_relative'],
    [{ workspaceDir: ' /agents' }, null],
    [{}, null],
  ])('%j is held up by %s', (part, expected) => expect(obstacle(form(part), at(PARTIAL))).toBe(expected));

  it('in full mode is held up by no choice of the other', () => {
    const of = backup();
    expect(obstacle(form({ agents: new Set(), modules: new Set() }, of), at(of))).toBeNull();
  });

  it('sends in full mode nothing that the archive says itself', () => {
    expect(selectionOf(form({}, backup()), at(backup()))).toEqual({
      mode: 'full',
      default_workspace_dir: null,
      preserve_local_protected_config: null,
      trust_mode: null,
    });
  });

  it('sends in custom mode what is ticked', () => {
    const sent = selectionOf(form({ agents: new Set(['known']), modules: new Set(['secrets']) }), at(PARTIAL));
    expect(sent).toMatchObject({ mode: 'custom', agent_ids: ['known'], include_global_config: false });
    expect(sent).toMatchObject({ include_secrets: true, preserve_local_protected_config: null });
  });

  it('speaks of local settings only for archives from elsewhere whose config.json is taken', () => {
    const foreign = backup({ ...PARTIAL, trust: 'mismatch' });
    const said = (of: BackupDetail, part: Partial<RestoreForm> = {}): unknown =>
      selectionOf(form(part, of), at(of)).preserve_local_protected_config;
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

  it('leaves it to the plan whose a damaged archive is', () => {
    expect(trustNeeded(backup({ trust: 'mismatch', verified: 'damaged' }))).toBeNull();
  });

  it('knows the refusals that are questions of trust', () => {
    expect(trustAskedBy('backup_legacy_unsigned')).toBe('legacy');
    expect(trustAskedBy('backup_signature_mismatch')).toBe('foreign');
    expect(trustAskedBy('backup_unknown_signature_scheme')).toBe('foreign');
    expect(['IO_ERROR', 'constructor', ''].map(trustAskedBy)).toEqual([null, null, null]);
  });
});
