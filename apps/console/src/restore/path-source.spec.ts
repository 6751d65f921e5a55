import type { PlannedPath, RestorePlan } from '@pawvault/contracts';
import { pathsAtHand, sourceOf } from './path-source';

const planned = (path: string, other: Partial<PlannedPath> = {}): PlannedPath => ({
  module: 'agents',
  agent: 'default',
  path,
  change: 'removed',
  reason: null,
  detail: null,
  kept_as: null,
  ...other,
});

const PATHS = [
  planned('Notes.md'),
  planned('notes.tmp', { change: 'carried', reason: 'excluded', detail: '*.tmp' }),
  planned('notes.md', { agent: 'agents', change: 'changed' }),
  planned('notes.md', { module: 'secrets', agent: null }),
];

const names = (paths: readonly PlannedPath[]): string[] => paths.map(({ agent, path }) => `${agent} ${path}`);

describe('the source of paths', () => {
  const plan = (part: object) =>
    sourceOf({
      plan_hash: 'h',
      paths: PATHS,
      path_counts: { added: 0, changed: 1, removed: 2, carried: 1 },
      warnings: [],
      ...part,
    } as unknown as RestorePlan);
  const many = { path_counts: { added: 0, changed: 1, removed: 2, carried: 3001 } };
  const notKept = { warnings: [{ code: 'PLAN_PATHS_NOT_KEPT', message: '' }] };

  it('is the plan itself when it names all', () => {
    expect(plan({})).toEqual({ planHash: 'h', atHand: PATHS, missing: 0 });
    expect(plan(notKept)).toEqual({ planHash: 'h', atHand: PATHS, missing: 0 });
  });

  it('is the gateway when there are more', () => {
    expect(plan(many)).toEqual({ planHash: 'h', atHand: null, missing: 0 });
  });

  it('is what there is, and how much is missing, when the list was not kept', () => {
    expect(plan({ ...many, ...notKept })).toEqual({ planHash: 'h', atHand: PATHS, missing: 3000 });
  });
});

describe('the paths at hand', () => {
  it('are those of one change, with the counts of all', () => {
    const { paths, counts } = pathsAtHand(PATHS, { part: null, change: 'removed', search: '' });
    expect(names(paths)).toEqual(['default Notes.md', 'null notes.md']);
    expect(counts).toEqual({ added: 0, changed: 1, removed: 2, carried: 1 });
  });

  it('are searched in any case and width', () => {
    const { paths, counts } = pathsAtHand(PATHS, { part: null, change: 'carried', search: 'ＮOTES.T' });
    expect(names(paths)).toEqual(['default notes.tmp']);
    expect(counts).toEqual({ added: 0, changed: 0, removed: 0, carried: 1 });
  });

  it('are those of one part; an agent is not taken for a module of its name', () => {
    const of = (part: Parameters<typeof pathsAtHand>[1]['part']) =>
      pathsAtHand(PATHS, { part, change: 'changed', search: '' });
    expect(names(of({ module: 'agents', agent: 'agents' }).paths)).toEqual(['agents notes.md']);
    expect(of({ module: 'agents', agent: 'default' }).counts).toEqual({ added: 0, changed: 0, removed: 1, carried: 1 });
    expect(of({ module: 'secrets', agent: null }).counts).toEqual({ added: 0, changed: 0, removed: 1, carried: 0 });
  });
});
