import fc from 'fast-check';
import { type ConfigMerge, mergeConfig } from './merge-config';
import { parsedDocument } from './spec-support/parsed-document';

type Json = Record<string, unknown>;
type Kind = ConfigMerge['kind'];

const WORKING = '/w';
const home = (id: string): string => `/w/workspaces/${id}`;
const profile = (id: string, more: Json = {}): Json => ({ id, workspace_dir: home(id), enabled: true, ...more });
const profiles = (...ids: string[]): Json => Object.fromEntries(ids.map((id) => [id, profile(id)]));

const documentOf = (value: Json | null) =>
  value === null ? null : parsedDocument(JSON.stringify(value, null, 2) + '\n');

function merged(
  kind: Kind,
  from: { current: Json | null; archive: Json | null; agents?: string[]; preserve?: boolean },
) {
  const result = mergeConfig({
    kind,
    current: documentOf(from.current),
    archive: documentOf(from.archive),
    agents: (from.agents ?? []).map((id) => ({ id, workspaceDir: home(id) })),
    preserveProtected: from.preserve ?? false,
    workingDir: WORKING,
  });
  const value = result.bytes === null ? null : (JSON.parse(result.bytes.toString('utf8')) as Json);
  return { value, text: result.bytes?.toString('utf8') ?? null, verbatim: result.verbatim, kept: result.preservedKeys };
}

describe('replace: the config of the backup', () => {
  const archive = {
    language: 'zh',
    agents: { active_agent: 'a', agent_order: ['a', 'gone'], profiles: profiles('a'), defaults: { x: 1.5 } },
  };

  it.each<[string, Json | null]>([
    ['over another', { language: 'en', agents: { profiles: profiles('a', 'later') } }],
    ['over the same', archive],
    ['where there is none', null],
  ])('is taken verbatim %s', (_, current) => {
    const text = `${JSON.stringify(archive, null, 2)}\n`;
    expect(merged('replace', { current, archive, agents: ['a'] })).toMatchObject({ text, verbatim: true, kept: [] });
  });

  it('gets its paths corrected', () => {
    const moved = {
      ...archive,
      agents: { ...archive.agents, profiles: { a: profile('a', { workspace_dir: '/app/a', x: 1 }) } },
    };
    const { value, verbatim } = merged('replace', { current: null, archive: moved, agents: ['a'] });
    expect(value).toEqual({ ...archive, agents: { ...archive.agents, profiles: { a: profile('a', { x: 1 }) } } });
    expect(verbatim).toBe(false);
  });

  it.each(['workspaces/a', '/w/./workspaces/a'])('keeps the spelling %s of the right path', (workspace_dir) => {
    const spelled = { agents: { profiles: { a: { id: 'a', workspace_dir } } } };
    expect(merged('replace', { current: null, archive: spelled, agents: ['a'] })).toMatchObject({ verbatim: true });
  });

  it.each<[string, Json, Json]>([
    [
      'an agent that its registry lacks',
      { agents: { agent_order: ['a'], profiles: profiles('a') } },
      { agents: { agent_order: ['a', 'b'], profiles: profiles('a', 'b') } },
    ],
    [
      'one where there is no order',
      { agents: { profiles: profiles('a') } },
      { agents: { profiles: profiles('a', 'b') } },
    ],
    ['one where there is no registry', { x: 1 }, { x: 1, agents: { profiles: profiles('a', 'b') } }],
    ['one where the registry is no object', { agents: [] }, { agents: { profiles: profiles('a', 'b') } }],
  ])('registers %s', (_, from, expected) => {
    expect(merged('replace', { current: null, archive: from, agents: ['a', 'b'] }).value).toEqual(expected);
  });

  it('without one, agents enter the present config', () => {
    const current = { x: 1, agents: { agent_order: [], profiles: {} } };
    expect(merged('replace', { current, archive: null, agents: ['a'] }).value).toEqual({
      x: 1,
      agents: { agent_order: ['a'], profiles: profiles('a') },
    });
    expect(merged('replace', { current: null, archive: null })).toMatchObject({ text: null });
  });
});

describe('adopt: all keys of the backup, the registry of the instance', () => {
  const current = {
    local_only: true,
    language: 'en',
    agents: { active_agent: 'c', agent_order: ['c', 'a'], language: 'en', profiles: profiles('a', 'c') },
  };
  const archive = {
    language: 'zh',
    agents: {
      active_agent: 'b',
      agent_order: ['b', 'a', 'x'],
      language: 'zh',
      profiles: {
        a: profile('a', { enabled: false, workspace_dir: '/app/a' }),
        b: profile('b', { colour: 'red' }),
        x: profile('x'),
      },
    },
  };

  it.each<[string, string[], Json]>([
    ['no agent', [], { active_agent: 'c', agent_order: ['a', 'c'], language: 'zh', profiles: profiles('a', 'c') }],
    [
      'a known agent',
      ['a'],
      {
        active_agent: 'c',
        agent_order: ['a', 'c'],
        language: 'zh',
        profiles: { a: profile('a', { enabled: false }), c: profile('c') },
      },
    ],
    [
      'a new agent',
      ['b'],
      {
        active_agent: 'b',
        agent_order: ['b', 'a', 'c'],
        language: 'zh',
        profiles: { ...profiles('a', 'c'), b: profile('b', { colour: 'red' }) },
      },
    ],
    [
      'an agent that the registry of the backup lacks',
      ['y'],
      { active_agent: 'c', agent_order: ['a', 'c', 'y'], language: 'zh', profiles: profiles('a', 'c', 'y') },
    ],
  ])('with %s', (_, agents, expected) => {
    expect(merged('adopt', { current, archive, agents }).value).toEqual({ language: 'zh', agents: expected });
  });

  it.each<[string, Json, Json]>([
    [
      'the first of the order when neither active agent is there',
      { active_agent: 'gone', agent_order: ['a', 'c'] },
      { active_agent: 'a', agent_order: ['a', 'c'] },
    ],
    ['the first profile when there is no order', { active_agent: 'gone' }, { active_agent: 'a' }],
    ['nobody when the backup names nobody', { agent_order: ['x', 'c'] }, { agent_order: ['c', 'a'] }],
  ])('makes active: %s', (_, theirs, expected) => {
    const ours = { agents: { active_agent: 'lost', agent_order: ['a'], profiles: profiles('a', 'c') } };
    expect(merged('adopt', { current: ours, archive: { agents: theirs } }).value).toEqual({
      agents: { ...expected, profiles: profiles('a', 'c') },
    });
  });

  it('names nobody active when there is nobody', () => {
    const { value } = merged('adopt', {
      current: { x: 1 },
      archive: { agents: { active_agent: 'a', agent_order: ['a'] } },
    });
    expect(value).toEqual({ agents: { agent_order: [], profiles: {} } });
  });

  it('writes nothing when it comes to the same', () => {
    const same = { agents: { profiles: profiles('a'), agent_order: ['a'], active_agent: 'a' }, x: [1] };
    const reordered = { x: [1], agents: { active_agent: 'a', agent_order: ['a'], profiles: profiles('a') } };
    expect(merged('adopt', { current: same, archive: reordered, agents: ['a'] })).toMatchObject({ text: null });
  });

  it('is printed in the style of the file that it replaces', () => {
    const bytes = Buffer.from('{\n\t"a": 1\n}');
    const result = mergeConfig({
      kind: 'adopt',
      current: parsedDocument(bytes),
      archive: documentOf({ a: '名' }),
      agents: [],
      preserveProtected: false,
      workingDir: WORKING,
    });
    expect(result.bytes?.toString()).toBe('{\n\t"a": "名",\n\t"agents": {\n\t\t"profiles": {}\n\t}\n}');
  });
});

describe('register: the own config', () => {
  const current = { z: 1.5, agents: { active_agent: 'a', agent_order: ['a'], profiles: profiles('a') }, b: [] };

  it.each<[string, string[], Json | null]>([
    ['nothing restored', [], null],
    ['known agents', ['a'], { agents: { profiles: { a: profile('a', { enabled: false, workspace_dir: '/app' }) } } }],
  ])('is left alone with %s', (_, agents, archive) => {
    expect(merged('register', { current, archive, agents })).toMatchObject({ text: null, kept: [] });
  });

  it.each<[string, Json | null, Json]>([
    ['whose profile is not known', null, profile('b')],
    [
      'that the backup has disabled',
      { agents: { profiles: { b: profile('b', { enabled: false }) } } },
      profile('b', { enabled: false }),
    ],
    [
      'with more in its profile',
      { agents: { profiles: { b: { colour: 'red', workspace_dir: '/app/b' } } } },
      profile('b', { colour: 'red' }),
    ],
    ['whose profile is damaged', { agents: { profiles: { b: 'x' } } }, profile('b')],
  ])('gets an agent %s', (_, archive, expected) => {
    expect(merged('register', { current, archive, agents: ['a', 'b'] }).value).toEqual({
      ...current,
      agents: { active_agent: 'a', agent_order: ['a', 'b'], profiles: { ...profiles('a'), b: expected } },
    });
  });

  it('gets the new path of an agent that moves', () => {
    const moved = { agents: { profiles: { a: profile('a', { workspace_dir: '/lost', x: 1 }) } } };
    expect(merged('register', { current: moved, archive: null, agents: ['a'] }).value).toEqual({
      agents: { profiles: { a: profile('a', { x: 1 }) } },
    });
  });

  it('does not name an agent twice', () => {
    const ordered = { agents: { agent_order: ['b'], profiles: {} } };
    const { value } = merged('register', { current: ordered, archive: null, agents: ['b'] });
    expect(value).toEqual({ agents: { agent_order: ['b'], profiles: profiles('b') } });
  });
});

describe('protected keys', () => {
  it.each<[string, Json, Json, Json, string[]]>([
    [
      'both stay as they are here',
      { security: 1, mcp: 1 },
      { security: 2, mcp: 2 },
      { security: 1, mcp: 1 },
      ['security', 'mcp'],
    ],
    [
      'what is absent here stays absent',
      { security: 1 },
      { security: 2, mcp: 2, x: 1 },
      { security: 1, x: 1 },
      ['security', 'mcp'],
    ],
    ['what only stands here stays', { mcp: {} }, { x: 1 }, { mcp: {}, x: 1 }, ['mcp']],
    ['neither has any', { y: 1 }, { x: 1 }, { x: 1 }, []],
  ])('%s', (_, current, archive, expected, kept) => {
    const agents = { agents: { profiles: {} } };
    for (const kind of ['replace', 'adopt'] as const) {
      const from = { current: { ...current, ...agents }, archive: { ...archive, ...agents }, preserve: true };
      const preserved = merged(kind, from);
      expect(preserved.value ?? from.current).toEqual({ ...expected, ...agents });
      expect(preserved.kept).toEqual(kept);
      expect(merged(kind, { ...from, preserve: false })).toMatchObject({ value: from.archive, kept: [] });
    }
  });

  it('are absent where the local config cannot be read', () => {
    const { value, kept } = merged('replace', { current: null, archive: { mcp: 1, x: 1 }, preserve: true });
    expect({ value, kept }).toEqual({ value: { x: 1 }, kept: ['mcp'] });
  });
});

describe('whatever the two configs are', () => {
  const id = fc.constantFrom<string[]>('a', 'b', 'c', 'd', '__proto__', '7');
  const anyProfile = fc.oneof(
    fc.record(
      { id, enabled: fc.boolean(), workspace_dir: fc.constantFrom('/x', '/w/workspaces/a', '') },
      { requiredKeys: [] },
    ),
    fc.constant(null),
  );
  const registry = fc.record(
    { profiles: fc.dictionary(id, anyProfile), agent_order: fc.array(id), active_agent: id, more: fc.integer() },
    { requiredKeys: [] },
  );
  const config = fc.record({ agents: registry, security: fc.integer(), x: fc.string() }, { requiredKeys: [] });
  const cases = { current: config, archive: config, agents: fc.uniqueArray(id), preserve: fc.boolean() };
  const own = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Json)[key] : undefined;
  const profilesIn = (value: unknown): Json => (own(own(value, 'agents'), 'profiles') ?? {}) as Json;

  it.each<Kind>(['replace', 'adopt', 'register'])('%s registers every restored agent at its place', (kind) => {
    fc.assert(
      fc.property(fc.record(cases), (from) => {
        const { value } = merged(kind, from);
        const found = profilesIn(value ?? from.current);
        for (const agent of from.agents) {
          const dir = own(own(found, agent), 'workspace_dir');
          expect([home(agent), undefined, '']).toContain(dir);
        }
      }),
    );
  });

  it('adopt leaves other profiles alone, and order and active agent exist', () => {
    fc.assert(
      fc.property(fc.record(cases), (from) => {
        const value = merged('adopt', from).value ?? from.current;
        const [before, after] = [profilesIn(from.current), profilesIn(value)];
        for (const other of Object.keys(before)) {
          if (!from.agents.includes(other)) expect(own(after, other)).toEqual(own(before, other));
        }
        expect(Object.keys(after).sort()).toEqual([...new Set([...Object.keys(before), ...from.agents])].sort());
        const agents = own(value, 'agents');
        for (const listed of (own(agents, 'agent_order') ?? []) as string[])
          expect(Object.keys(after)).toContain(listed);
        const active = own(agents, 'active_agent');
        if (active !== undefined) expect(Object.keys(after)).toContain(active);
      }),
    );
  });

  it('register changes nothing outside the restored profiles and the order', () => {
    fc.assert(
      fc.property(fc.record(cases), (from) => {
        const value = merged('register', from).value ?? from.current;
        const without = (config: Json): unknown => {
          const { agents, ...rest } = config as { agents?: Json };
          const { profiles: all, agent_order: order, ...others } = agents ?? {};
          const left = Object.entries((all ?? {}) as Json).filter(([key]) => !from.agents.includes(key));
          // The order may only have got longer, by restored agents.
          const listed = (own(own(from.current, 'agents'), 'agent_order') ?? []) as string[];
          const appended = ((order ?? []) as string[]).slice(listed.length).filter((key) => !from.agents.includes(key));
          const kept = ((order ?? []) as string[]).slice(0, listed.length);
          return { rest, others, left, kept, appended };
        };
        expect(without(value)).toEqual(without(from.current));
      }),
    );
  });
});
