import type { ArchiveReader, SignedMeta } from '@pawvault/archive';
import {
  backupKind,
  type BackupScope,
  compareCodePoints,
  DomainError,
  FULL_SCOPE,
  META_VERSION,
  moduleOf,
  type RestoreSelection,
} from '@pawvault/contracts';

type Module = 'global_config' | 'skill_pool' | 'secrets';

/** What an archive really holds, whatever its metadata says. */
export interface ArchiveParts {
  agents: ReadonlySet<string>;
  modules: ReadonlySet<Module>;
}

/** What a restore request comes to. */
export interface Wanted {
  scope: BackupScope;
  /** Ids in code-point order. */
  agents: string[];
  /** Of the modules that were asked for: those that the archive has, and those that it lacks, which are never wiped. */
  modules: Record<Module, 'restore' | 'skip' | 'untouched'>;
}

/** An agent with nothing but its empty directory counts as there. */
export function archiveParts(reader: Pick<ArchiveReader, 'entries'>): ArchiveParts {
  const agents = new Set<string>();
  const modules = new Set<Module>();
  for (const { name } of reader.entries) {
    const owner = moduleOf(name);
    if (owner === null) continue;
    if (owner.module === 'agents') agents.add(owner.agent);
    else modules.add(owner.module);
  }
  return { agents, modules };
}

/**
 * Holds a request against an archive.
 * @throws DomainError ARCHIVE_VERSION_UNSUPPORTED, RESTORE_NEEDS_FULL_BACKUP, NOTHING_SELECTED, RESTORE_AGENT_NOT_IN_BACKUP naming the
 *   agents in `details`
 */
export function resolveRequest(
  selection: RestoreSelection,
  archive: { meta: Pick<SignedMeta, 'id' | 'version' | 'scope'>; parts: ArchiveParts },
): Wanted {
  const { meta, parts } = archive;
  if (meta.version !== META_VERSION)
    throw new DomainError('ARCHIVE_VERSION_UNSUPPORTED', undefined, { id: meta.id, version: meta.version });
  if (selection.mode === 'custom') return resolveCustom(selection, { id: meta.id, parts });
  if (backupKind(meta.scope) !== 'full')
    throw new DomainError('RESTORE_NEEDS_FULL_BACKUP', undefined, { id: meta.id, scope: meta.scope });
  return {
    scope: { ...FULL_SCOPE },
    agents: [...parts.agents].sort(compareCodePoints),
    modules: modulesOf(FULL_SCOPE, parts),
  };
}

function resolveCustom(selection: RestoreSelection, archive: { id: string; parts: ArchiveParts }): Wanted {
  const agents = [...new Set(selection.agent_ids)].sort(compareCodePoints);
  const { include_global_config, include_skill_pool, include_secrets } = selection;
  if (agents.length === 0 && !include_global_config && !include_skill_pool && !include_secrets)
    throw new DomainError('NOTHING_SELECTED');
  const missing = agents.filter((id) => !archive.parts.agents.has(id));
  if (missing.length > 0) {
    const message = `The backup has no agent ${missing.join(', ')}`;
    throw new DomainError('RESTORE_AGENT_NOT_IN_BACKUP', message, { id: archive.id, agents: missing });
  }
  const scope = { include_agents: agents.length > 0, include_global_config, include_skill_pool, include_secrets };
  return { scope, agents, modules: modulesOf(scope, archive.parts) };
}

function modulesOf(scope: BackupScope, parts: ArchiveParts): Wanted['modules'] {
  const decide = (module: Module, asked: boolean): 'restore' | 'skip' | 'untouched' => {
    if (!asked) return 'untouched';
    return parts.modules.has(module) ? 'restore' : 'skip';
  };
  return {
    global_config: decide('global_config', scope.include_global_config),
    skill_pool: decide('skill_pool', scope.include_skill_pool),
    secrets: decide('secrets', scope.include_secrets),
  };
}
