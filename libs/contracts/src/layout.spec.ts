import { agentPrefix, moduleOf } from './layout';

describe('moduleOf', () => {
  it.each([
    ['data/config.json', { module: 'global_config', path: '' }],
    ['data/skill_pool/a/SKILL.md', { module: 'skill_pool', path: 'a/SKILL.md' }],
    ['data/secrets/.master_key', { module: 'secrets', path: '.master_key' }],
    ['data/workspaces/default/agent.json', { module: 'agents', agent: 'default', path: 'agent.json' }],
    ['data/workspaces/智能 体/x', { module: 'agents', agent: '智能 体', path: 'x' }],
    ['data/workspaces/QwenPaw_QA_Agent_0.2/', { module: 'agents', agent: 'QwenPaw_QA_Agent_0.2', path: '' }],
  ])('finds the owner of %s', (name, owner) => expect(moduleOf(name)).toEqual(owner));

  it.each([
    '',
    'meta.json',
    'data/',
    'data/other',
    'data/config.json/x',
    'data/workspaces/',
    'data/workspaces/file',
    'data/workspaces//x',
    'data/workspaces/.restore_old/x',
    'data/platform_content/media/x',
    'xdata/secrets/a',
  ])('knows that %p is no place of the layout', (name) => expect(moduleOf(name)).toBeNull());

  it('agrees with the prefix that agents get', () => {
    expect(moduleOf(`${agentPrefix('a1')}memory/x.md`)).toEqual({ module: 'agents', agent: 'a1', path: 'memory/x.md' });
  });
});
