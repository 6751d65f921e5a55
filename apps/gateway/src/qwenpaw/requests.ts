import { type BackupScope, type RestoreMode, TRUST_MODES, type TrustMode } from '@pawvault/contracts';
import { FieldReader } from './field-reader';

/** What a job may carry, see the payload models of the queue. */
const MAX_NAME = 1000;
const MAX_DESCRIPTION = 100_000;
const MAX_PATH = 4096;
/** Longer ids name nothing. */
const MAX_ID = 1000;

/** The body of `POST /api/backups/stream` and of `POST /api/backups/jobs`. */
export interface CreateRequest {
  name: string;
  description: string;
  scope: BackupScope;
  /** Always the explicit list; empty means none, whatever the scope says. */
  agents: string[];
}

/** The body of `POST /api/backups/{id}/restore`. */
export interface RestoreRequest {
  mode: RestoreMode;
  include_agents: boolean;
  /** Always the explicit list, in full mode too. */
  agent_ids: string[];
  include_global_config: boolean;
  include_secrets: boolean;
  include_skill_pool: boolean;
  default_workspace_dir: string | null;
  preserve_local_protected_config: boolean | null;
  trust_mode: TrustMode | null;
}

/** With the defaults of QwenPaw: everything but secrets. @throws UnprocessableRequest */
export function readCreateRequest(body: unknown): CreateRequest {
  const read = FieldReader.of(body);
  const scope = read.within('scope');
  const request = {
    name: read.text('name', { maxLength: MAX_NAME }),
    description: read.text('description', { fallback: '', maxLength: MAX_DESCRIPTION }),
    scope: {
      include_agents: scope.flag('include_agents', true),
      include_global_config: scope.flag('include_global_config', true),
      include_secrets: scope.flag('include_secrets', false),
      include_skill_pool: scope.flag('include_skill_pool', true),
    },
    agents: read.texts('agents', { fallback: [], maxLength: MAX_ID }),
  };
  read.finish();
  return request;
}

/** With the defaults of QwenPaw: custom mode, everything but secrets. @throws UnprocessableRequest */
export function readRestoreRequest(body: unknown): RestoreRequest {
  const read = FieldReader.of(body);
  const request = {
    mode: read.choice<RestoreMode>('mode', ['full', 'custom'], 'custom'),
    include_agents: read.flag('include_agents', true),
    agent_ids: read.texts('agent_ids', { fallback: [], maxLength: MAX_ID }),
    include_global_config: read.flag('include_global_config', true),
    include_secrets: read.flag('include_secrets', false),
    include_skill_pool: read.flag('include_skill_pool', true),
    default_workspace_dir: read.optionalText('default_workspace_dir', { maxLength: MAX_PATH }),
    preserve_local_protected_config: read.optionalFlag('preserve_local_protected_config'),
    trust_mode: read.choice<TrustMode | null>('trust_mode', TRUST_MODES, null),
  };
  read.finish();
  return request;
}

/** The ids in the body of `POST /api/backups/delete`. @throws UnprocessableRequest */
export function readDeleteRequest(body: unknown): string[] {
  const read = FieldReader.of(body);
  const ids = read.texts('ids', { maxLength: MAX_ID });
  read.finish();
  return ids;
}
