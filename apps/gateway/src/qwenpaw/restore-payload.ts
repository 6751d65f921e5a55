import { type BackupDetail, DomainError, isAgentId, type RestorePayload } from '@pawvault/contracts';
import type { RestoreRequest } from './requests';

/**
 * What a request of QwenPaw comes to. No backup is made first: QwenPaw's clients ask for that on their own.
 *
 * A full restore takes everything that the archive holds. QwenPaw lets a client ask for "full" and yet leave out modules; that cannot be
 * done here, and doing more than was asked for would overwrite what was meant to stay, so it is refused.
 * @throws DomainError RESTORE_AGENT_NOT_IN_BACKUP, VALIDATION_FAILED; NOTHING_SELECTED where QwenPaw would do nothing and call it done
 */
export function restorePayload(request: RestoreRequest, backup: BackupDetail): RestorePayload {
  const agents = request.include_agents ? [...new Set(request.agent_ids)] : [];
  refuseUnknown(agents, backup);
  const { include_global_config, include_secrets, include_skill_pool } = request;
  const modules = { include_global_config, include_secrets, include_skill_pool };
  const isFull = request.mode === 'full';
  if (isFull) refuseNarrowing(request, agents, backup);
  else if (agents.length === 0 && !Object.values(modules).includes(true)) throw new DomainError('NOTHING_SELECTED');
  return {
    backup_id: backup.id,
    mode: request.mode,
    ...(isFull ? TAKEN_FROM_ARCHIVE : { agent_ids: agents, ...modules }),
    default_workspace_dir: request.default_workspace_dir,
    preserve_local_protected_config: request.preserve_local_protected_config,
    trust_mode: request.trust_mode,
    pre_restore_backup: null,
    plan_hash: null,
  };
}

const TAKEN_FROM_ARCHIVE = {
  agent_ids: [],
  include_global_config: false,
  include_secrets: false,
  include_skill_pool: false,
};

function refuseUnknown(agents: readonly string[], { id, agents: held }: BackupDetail): void {
  const unknown = agents.filter((agent) => !isAgentId(agent) || !Object.hasOwn(held, agent));
  if (unknown.length === 0) return;
  const message = `The backup has no agent ${unknown.join(', ')}`;
  throw new DomainError('RESTORE_AGENT_NOT_IN_BACKUP', message, { id, agents: unknown });
}

function refuseNarrowing(request: RestoreRequest, agents: readonly string[], { agents: held }: BackupDetail): void {
  const flags = ['include_agents', 'include_global_config', 'include_secrets', 'include_skill_pool'] as const;
  const complete = Object.keys(held).every((agent) => agents.includes(agent));
  const fields = [...flags.filter((flag) => !request[flag]), ...(complete ? [] : ['agent_ids'])];
  if (fields.length === 0) return;
  const message = `A full restore takes everything that the backup holds; ask for all of it (${fields.join(', ')}), or choose mode "custom"`;
  throw new DomainError('VALIDATION_FAILED', message, { fields });
}
