import { readCreateRequest, readDeleteRequest, readRestoreRequest } from './requests';
import { type Issue, UnprocessableRequest } from './unprocessable-request';

function issuesOf(read: () => unknown): readonly Issue[] {
  try {
    read();
  } catch (error) {
    if (error instanceof UnprocessableRequest) return error.issues;
    throw error;
  }
  throw new Error('The request was accepted');
}

const placesOf = (read: () => unknown): [string, string][] =>
  issuesOf(read).map(({ loc, type }) => [loc.join('.'), type]);

describe('a request to create', () => {
  it('takes everything but secrets, and the agents that it names', () => {
    expect(readCreateRequest({ name: 'n' })).toEqual({
      name: 'n',
      description: '',
      scope: { include_agents: true, include_global_config: true, include_secrets: false, include_skill_pool: true },
      agents: [],
    });
  });

  it('may carry fields that nobody knows, at every depth', () => {
    const scope = { include_agents: false, include_jobs: true };
    const { scope: read } = readCreateRequest({ name: 'n', description: 'd', scope, agents: ['a'], colour: 'red' });
    expect(read).toEqual({
      include_agents: false,
      include_global_config: true,
      include_secrets: false,
      include_skill_pool: true,
    });
  });

  it.each([
    [true, true],
    [1, true],
    ['1', true],
    ['Yes', true],
    ['on', true],
    ['T', true],
    [false, false],
    [0, false],
    ['OFF', false],
    ['n', false],
    ['false', false],
  ])('reads %p as the flag %p', (given, flag) => {
    expect(readCreateRequest({ name: 'n', scope: { include_secrets: given } }).scope.include_secrets).toBe(flag);
  });

  it('that is at fault says all of it at once, in the words of FastAPI', () => {
    const body = { name: 7, scope: { include_agents: 'maybe', include_secrets: {} }, agents: ['a', 1] };
    expect(issuesOf(() => readCreateRequest(body))).toEqual([
      { type: 'string_type', loc: ['body', 'name'], msg: 'Input should be a valid string', input: 7 },
      {
        type: 'bool_parsing',
        loc: ['body', 'scope', 'include_agents'],
        msg: 'Input should be a valid boolean, unable to interpret input',
        input: 'maybe',
      },
      {
        type: 'bool_type',
        loc: ['body', 'scope', 'include_secrets'],
        msg: 'Input should be a valid boolean',
        input: {},
      },
      { type: 'string_type', loc: ['body', 'agents', 1], msg: 'Input should be a valid string', input: 1 },
    ]);
  });

  it.each<[string, unknown, [string, string][]]>([
    ['no body', undefined, [['body', 'missing']]],
    ['null', null, [['body', 'model_attributes_type']]],
    ['a list', [], [['body', 'model_attributes_type']]],
    ['nothing in it', {}, [['body.name', 'missing']]],
    ['a scope of null', { name: 'n', scope: null }, [['body.scope', 'model_attributes_type']]],
    ['agents of a word', { name: 'n', agents: 'all' }, [['body.agents', 'list_type']]],
    ['a description of null', { name: 'n', description: null }, [['body.description', 'string_type']]],
    ['half a character', { name: '\ud800' }, [['body.name', 'string_unicode']]],
    ['a name without end', { name: 'n'.repeat(1001) }, [['body.name', 'string_too_long']]],
    ['a name from the prototype', JSON.parse('{"__proto__": {"name": "n"}}'), [['body.name', 'missing']]],
  ])('with %s is not taken', (_what, body, places) => {
    expect(placesOf(() => readCreateRequest(body))).toEqual(places);
  });
});

describe('a request to restore', () => {
  it('is of the custom kind, and takes everything but secrets', () => {
    expect(readRestoreRequest({})).toEqual({
      mode: 'custom',
      include_agents: true,
      agent_ids: [],
      include_global_config: true,
      include_secrets: false,
      include_skill_pool: true,
      default_workspace_dir: null,
      preserve_local_protected_config: null,
      trust_mode: null,
    });
  });

  it('may leave things open with null, and a directory with an empty text', () => {
    const open = { default_workspace_dir: '', preserve_local_protected_config: null, trust_mode: null };
    expect(readRestoreRequest(open)).toMatchObject({ ...open, default_workspace_dir: null });
    const chosen = { default_workspace_dir: '/data', preserve_local_protected_config: false, trust_mode: 'foreign' };
    expect(readRestoreRequest(chosen)).toMatchObject(chosen);
  });

  it('names what may be chosen', () => {
    expect(issuesOf(() => readRestoreRequest({ mode: 'partial', trust_mode: '', default_workspace_dir: 1 }))).toEqual([
      {
        type: 'literal_error',
        loc: ['body', 'mode'],
        msg: "Input should be 'full' or 'custom'",
        input: 'partial',
        ctx: { expected: "'full' or 'custom'" },
      },
      { type: 'string_type', loc: ['body', 'default_workspace_dir'], msg: 'Input should be a valid string', input: 1 },
      {
        type: 'literal_error',
        loc: ['body', 'trust_mode'],
        msg: "Input should be 'legacy' or 'foreign'",
        input: '',
        ctx: { expected: "'legacy' or 'foreign'" },
      },
    ]);
  });
});

describe('a request to delete', () => {
  it('is a list of ids, which may be empty', () => {
    expect(readDeleteRequest({ ids: [] })).toEqual([]);
    expect(readDeleteRequest({ ids: ['a', 'b'], force: true })).toEqual(['a', 'b']);
  });

  it('has to have one', () => {
    expect(placesOf(() => readDeleteRequest({}))).toEqual([['body.ids', 'missing']]);
    expect(placesOf(() => readDeleteRequest({ ids: { 0: 'a' } }))).toEqual([['body.ids', 'list_type']]);
  });
});
