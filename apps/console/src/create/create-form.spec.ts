import { type AgentView, type InstanceView, resolveSelection } from '@pawvault/contracts';
import { bodyOf, type CreateForm, estimatedBytes, fitsSurely, initialForm } from './create-form';
import { obstacle, takesSecrets } from './create-form';

const agent = (id: string, name: string, bytes: number, exists = true): AgentView => ({
  id,
  name,
  bytes,
  files: 1,
  enabled: true,
  workspace_dir: `/w/${id}`,
  exists,
});

const INSTANCE: InstanceView = {
  instance_id: 'default',
  directories: { working_dir: '/w', secret_dir: '/s', backup_dir: '/b', config_file: '/w/config.json' },
  qwenpaw_version: '1.1.9',
  active_agent: 'default',
  agents: [agent('default', '默认助手', 1000), agent('writer', 'Ｗriter', 200), agent('gone', 'Gone', 0, false)],
  modules: {
    global_config: { files: 1, bytes: 30, exists: true },
    skill_pool: { files: 1, bytes: 4, exists: true },
    secrets: { files: 1, bytes: 0.5, exists: true },
  },
  backup_dir_free_bytes: 1234,
  warnings: [],
  inspected_at: '2026-04-20T09:30:00Z',
};

const NOW = new Date(2026, 3, 20, 9, 30);
const form = (changes: Partial<CreateForm> = {}): CreateForm => ({
  ...initialForm(INSTANCE, NOW, (time) => `Backup ${time}`),
  ...changes,
});

describe('the form for a new backup', () => {
  it('starts as a full backup with a name', () => {
    expect(bodyOf(form())).toEqual({ name: 'Backup 2026-04-20 09:30', description: '', mode: 'full', agents: 'all' });
    expect(takesSecrets(form())).toBe(true);
  });

  it('starts a partial one with every agent that is there, and without secrets', () => {
    expect(bodyOf(form({ mode: 'partial', name: ' x ', description: ' y ' }))).toEqual({
      name: 'x',
      description: 'y',
      mode: 'partial',
      agents: ['default', 'writer'],
      scope: { include_agents: true, include_global_config: true, include_skill_pool: true, include_secrets: false },
    });
    expect(takesSecrets(form({ mode: 'partial' }))).toBe(false);
  });

  it('sends only what the API accepts', () => {
    const modules = { include_global_config: false, include_skill_pool: false, include_secrets: true };
    for (const changes of [{}, { mode: 'partial' }, { mode: 'partial', agents: new Set<string>(), modules }] as const) {
      expect(obstacle(form(changes))).toBeNull();
      expect(() => resolveSelection(bodyOf(form(changes)))).not.toThrow();
    }
  });

  it('says why it cannot be sent', () => {
    const modules = { include_global_config: false, include_skill_pool: false, include_secrets: false };
    expect(obstacle(form({ name: ' \t' }))).toBe('name_missing');
    expect(obstacle(form({ mode: 'partial', modules, agents: new Set() }))).toBe('nothing_selected');
    expect(obstacle(form({ mode: 'partial', modules }))).toBeNull();
    expect(obstacle(form({ mode: 'full', modules, agents: new Set() }))).toBeNull();
  });

  it('knows how much will be read, and whether that fits', () => {
    expect(estimatedBytes(form(), INSTANCE)).toBe(1234.5);
    expect(fitsSurely(estimatedBytes(form(), INSTANCE), INSTANCE)).toBe(false);
    expect(estimatedBytes(form({ mode: 'partial', agents: new Set(['writer']) }), INSTANCE)).toBe(234);
    expect(fitsSurely(estimatedBytes(form({ mode: 'partial' }), INSTANCE), INSTANCE)).toBe(true);
  });
});
