import type { ZipEntry } from '@pawvault/archive';
import { FULL_SCOPE, type RestorePlan } from '@pawvault/contracts';
import { planHash, type PlanBasis } from './plan-hash';

const plan: Omit<RestorePlan, 'plan_hash'> = {
  backup_id: 'b',
  mode: 'full',
  scope: { ...FULL_SCOPE },
  agents: [],
  modules: [],
  config_changes: ['a'],
  preserved_local_keys: [],
  left_behind: [],
  keeps_local_master_key: false,
  replaces_master_key: false,
  bytes: 1,
  restart_required: true,
  paths: [],
  path_counts: { added: 0, changed: 0, removed: 0, carried: 0 },
  warnings: [],
};

const entry = (name: string, crc32: number): ZipEntry => ({
  name,
  crc32,
  type: 'file',
  size: 1,
  compressedSize: 1,
  method: 0,
  mode: 0o644,
  mtimeMs: 0,
  offset: 0,
  end: 0,
  flags: 0,
  dosDateTime: 0,
});

const state = { nodes: 1, bytes: 2, digest: 'x' };
const basis: PlanBasis = {
  entries: [entry('data/config.json', 1), entry('meta.json', 1)],
  config: Buffer.from('{}'),
  trees: { '/a': state, '/b': state },
};

const HASH = planHash(plan, basis);

it('is 64 hex digits', () => {
  expect(HASH).toMatch(/^[0-9a-f]{64}$/);
});

it.each<[string, Partial<typeof plan>, Partial<PlanBasis>]>([
  ['the order of keys', { scope: Object.fromEntries(Object.entries(FULL_SCOPE).reverse()) as never }, {}],
  ['the order of trees', {}, { trees: { '/b': state, '/a': state } }],
  ['the metadata of the archive', {}, { entries: [entry('data/config.json', 1), entry('meta.json', 2)] }],
])('does not depend on %s', (_, other, otherBasis) => {
  expect(planHash({ ...plan, ...other }, { ...basis, ...otherBasis })).toBe(HASH);
});

it.each<[string, Partial<typeof plan>, Partial<PlanBasis>]>([
  ['what the plan says', { config_changes: ['b'] }, {}],
  ['the content of the archive', {}, { entries: [entry('data/config.json', 2)] }],
  ['the names in the archive', {}, { entries: [entry('data/config.jsom', 1)] }],
  ['the present config', {}, { config: Buffer.from('{ }') }],
  ['whether there is a config', {}, { config: null }],
  ['a tree', {}, { trees: { '/a': state, '/b': { ...state, digest: 'y' } } }],
])('depends on %s', (_, other, otherBasis) => {
  expect(planHash({ ...plan, ...other }, { ...basis, ...otherBasis })).not.toBe(HASH);
});
