import type { PlannedAgent, PlannedModule, TreeChanges } from '@pawvault/contracts';
import { planRows } from './plan-rows';

const changes = (part: Partial<TreeChanges> = {}): TreeChanges => ({
  added: 0,
  changed: 0,
  removed: 0,
  carried: 0,
  unchanged: 3,
  bytes: 100,
  ...part,
});

const agent = (id: string, part: Partial<TreeChanges> = {}, action: PlannedAgent['action'] = 'replace') => ({
  id,
  name: `Agent ${id}`,
  action,
  destination: `/w/${id}`,
  changes: changes(part),
});

const skipped: PlannedModule = {
  module: 'skill_pool',
  action: 'skip',
  destination: '/w/skill_pool',
  changes: changes({ unchanged: 0, bytes: 0 }),
};

const keysOf = (rows: readonly { key: string }[]): string[] => rows.map(({ key }) => key);

describe('the rows of a preview', () => {
  it('tell what differs from what is the same already, each in the order of the plan', () => {
    const agents = [
      agent('a'),
      agent('b', { removed: 1 }),
      agent('c'),
      agent('d', { added: 1 }),
      agent('e', { changed: 1 }),
    ];
    const { differing, same } = planRows({ agents, modules: [] });
    expect(keysOf(differing)).toEqual(['agent b', 'agent d', 'agent e']);
    expect(keysOf(same)).toEqual(['agent a', 'agent c']);
  });

  it('count an empty new agent and a module that the backup lacks as differing', () => {
    const { differing, same } = planRows({ agents: [agent('new', { unchanged: 0 }, 'add')], modules: [skipped] });
    expect(keysOf(differing)).toEqual(['agent new', 'skill_pool']);
    expect(same).toEqual([]);
  });

  it('do not take an agent for the module of the same name', () => {
    const { same } = planRows({ agents: [agent('secrets')], modules: [{ ...skipped, action: 'replace' }] });
    expect(same).toMatchObject([{ name: 'Agent secrets', module: null }, { module: 'skill_pool' }]);
  });

  it('are summed up', () => {
    const agents = [agent('a', { added: 1, changed: 2 }), agent('b', { removed: 4, bytes: 11 })];
    expect(planRows({ agents, modules: [skipped] }).total).toEqual({
      added: 1,
      changed: 2,
      removed: 4,
      carried: 0,
      unchanged: 6,
      bytes: 111,
    });
    expect(planRows({ agents: [], modules: [] }).total).toEqual(changes({ unchanged: 0, bytes: 0 }));
  });
});
