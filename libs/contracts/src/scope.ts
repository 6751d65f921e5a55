import { DomainError } from './errors';

/** QwenPaw's scope model, as it stands in meta.json. */
export interface BackupScope {
  include_agents: boolean;
  include_global_config: boolean;
  include_secrets: boolean;
  include_skill_pool: boolean;
}

export type BackupKind = 'full' | 'partial';
export type AgentSelection = 'all' | string[];

/** What a backup is to contain, resolved: `agents` is empty when `scope.include_agents` is false. */
export interface BackupSelection {
  scope: BackupScope;
  agents: AgentSelection;
}

export interface SelectionRequest {
  mode: BackupKind;
  scope?: Partial<BackupScope>;
  agents?: AgentSelection;
}

export const FULL_SCOPE: BackupScope = Object.freeze({
  include_agents: true,
  include_global_config: true,
  include_secrets: true,
  include_skill_pool: true,
});

/** A partial backup takes everything but secrets unless it is told otherwise: secrets only leave on request. */
export const PARTIAL_SCOPE_DEFAULT: BackupScope = Object.freeze({ ...FULL_SCOPE, include_secrets: false });

/** Full means all four flags, QwenPaw's definition; anything else is partial. */
export function backupKind(scope: BackupScope): BackupKind {
  const all = scope.include_agents && scope.include_global_config && scope.include_secrets && scope.include_skill_pool;
  return all ? 'full' : 'partial';
}

export function isEmptySelection({ scope, agents }: BackupSelection): boolean {
  const anyAgent = scope.include_agents && (agents === 'all' || agents.length > 0);
  return !anyAgent && !scope.include_global_config && !scope.include_secrets && !scope.include_skill_pool;
}

/**
 * Turns a create request into a selection.
 * @throws DomainError NOTHING_SELECTED; VALIDATION_FAILED when a full backup is asked for with a narrowed scope
 */
export function resolveSelection(request: SelectionRequest): BackupSelection {
  if (request.mode === 'full') return fullSelection(request);
  const scope = { ...PARTIAL_SCOPE_DEFAULT, ...request.scope };
  const agents = request.agents ?? 'all';
  const named = scope.include_agents && (agents === 'all' || agents.length > 0);
  const selection: BackupSelection = {
    scope: { ...scope, include_agents: named },
    agents: named ? dedupe(agents) : [],
  };
  if (isEmptySelection(selection)) throw new DomainError('NOTHING_SELECTED');
  return selection;
}

function fullSelection(request: SelectionRequest): BackupSelection {
  const narrowed = Object.entries(request.scope ?? {}).filter(([, included]) => included === false);
  if (narrowed.length > 0 || (request.agents !== undefined && request.agents !== 'all')) {
    throw new DomainError(
      'VALIDATION_FAILED',
      'A full backup takes everything; use mode "partial" to leave something out',
      {
        fields: [...narrowed.map(([flag]) => `scope.${flag}`), ...(Array.isArray(request.agents) ? ['agents'] : [])],
      },
    );
  }
  return { scope: { ...FULL_SCOPE }, agents: 'all' };
}

const dedupe = (agents: AgentSelection): AgentSelection => (agents === 'all' ? 'all' : [...new Set(agents)]);
