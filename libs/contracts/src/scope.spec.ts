import fc from 'fast-check';
import { DomainError } from './errors';
import {
  backupKind,
  type BackupScope,
  FULL_SCOPE,
  isEmptySelection,
  PARTIAL_SCOPE_DEFAULT,
  resolveSelection,
  type SelectionRequest,
} from './scope';

const NOTHING: BackupScope = {
  include_agents: false,
  include_global_config: false,
  include_secrets: false,
  include_skill_pool: false,
};

function refusalOf(request: SelectionRequest): DomainError {
  try {
    resolveSelection(request);
  } catch (error) {
    if (error instanceof DomainError) return error;
  }
  throw new Error('The request was not refused');
}

describe('resolveSelection', () => {
  it('takes everything in a full backup', () => {
    expect(resolveSelection({ mode: 'full' })).toEqual({ scope: FULL_SCOPE, agents: 'all' });
    expect(resolveSelection({ mode: 'full', agents: 'all', scope: { include_secrets: true } }).scope).toEqual(
      FULL_SCOPE,
    );
  });

  it('refuses to narrow a full backup, naming the fields', () => {
    const refusal = refusalOf({
      mode: 'full',
      scope: { include_secrets: false, include_agents: true },
      agents: ['default'],
    });
    expect(refusal.code).toBe('VALIDATION_FAILED');
    expect(refusal.details).toEqual({ fields: ['scope.include_secrets', 'agents'] });
  });

  it('leaves secrets out of a partial backup unless they are asked for', () => {
    expect(resolveSelection({ mode: 'partial' })).toEqual({ scope: PARTIAL_SCOPE_DEFAULT, agents: 'all' });
    expect(resolveSelection({ mode: 'partial', scope: { include_secrets: true } }).scope.include_secrets).toBe(true);
  });

  it('names each agent once, in the order asked for', () => {
    expect(resolveSelection({ mode: 'partial', agents: ['b', 'a', 'b'] }).agents).toEqual(['b', 'a']);
  });

  it('counts agents in or out by both the flag and the list', () => {
    expect(resolveSelection({ mode: 'partial', agents: [] })).toEqual({
      scope: { ...PARTIAL_SCOPE_DEFAULT, include_agents: false },
      agents: [],
    });
    expect(resolveSelection({ mode: 'partial', scope: { include_agents: false }, agents: ['a'] }).agents).toEqual([]);
  });

  it('refuses a selection of nothing', () => {
    expect(refusalOf({ mode: 'partial', scope: NOTHING }).code).toBe('NOTHING_SELECTED');
    expect(refusalOf({ mode: 'partial', scope: { ...NOTHING, include_agents: true }, agents: [] }).code).toBe(
      'NOTHING_SELECTED',
    );
  });

  it('never selects nothing, and never agents without the flag', () => {
    const scope = fc.record({
      include_agents: fc.boolean(),
      include_global_config: fc.boolean(),
      include_secrets: fc.boolean(),
      include_skill_pool: fc.boolean(),
    });
    const agents = fc.oneof(fc.constant('all' as const), fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }));
    const holds = (asked: BackupScope, named: 'all' | string[]): boolean => {
      const wanted =
        (asked.include_agents && named.length > 0) ||
        asked.include_global_config ||
        asked.include_secrets ||
        asked.include_skill_pool;
      if (!wanted) return refusalOf({ mode: 'partial', scope: asked, agents: named }).code === 'NOTHING_SELECTED';
      const selection = resolveSelection({ mode: 'partial', scope: asked, agents: named });
      return !isEmptySelection(selection) && selection.scope.include_agents === selection.agents.length > 0;
    };
    fc.assert(fc.property(scope, agents, holds));
  });
});

describe('backupKind', () => {
  it('is full only with all four flags', () => {
    expect(backupKind(FULL_SCOPE)).toBe('full');
    for (const flag of Object.keys(FULL_SCOPE)) expect(backupKind({ ...FULL_SCOPE, [flag]: false })).toBe('partial');
  });
});
