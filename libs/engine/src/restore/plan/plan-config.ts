import type { SignedMeta } from '@pawvault/archive';
import {
  compareCodePoints,
  CONFIG_ENTRY,
  type JobWarning,
  type RestorePlanPayload,
  type TrustState,
} from '@pawvault/contracts';
import { configReprinted } from '../../instance/config-warnings';
import { type JsonDocument, type JsonObject, objectOf } from './config-document';
import type { CurrentInstance } from './current-instance';
import type { Destination } from './destinations';
import { type ConfigMerge, mergeConfig, type MergedConfig } from './merge-config';
import type { Wanted } from './resolve-request';
import { preservesProtectedKeys } from './trust-decision';

export interface ConfigRequest {
  payload: RestorePlanPayload;
  trust: TrustState;
  meta: Pick<SignedMeta, 'accepted_via_trust' | 'signature'>;
  wanted: Wanted;
  current: CurrentInstance;
  archived: JsonDocument | null;
  destinations: readonly Destination[];
}

/** Chooses how config.json comes about, and merges it. */
export function planConfig(request: ConfigRequest): MergedConfig & { warnings: JobWarning[] } {
  const { payload, trust, meta, current, archived } = request;
  const kind = kindOf(request);
  const preserveProtected = preservesProtectedKeys(payload.preserve_local_protected_config, {
    state: trust,
    mode: payload.trust_mode,
    acceptedBefore: meta.accepted_via_trust,
  });
  const restored = request.destinations.map(({ agent, workspaceDir }) => ({ id: agent, workspaceDir }));
  const agents = kind === 'replace' ? [...restored, ...unrestored(request)] : restored;
  const workingDir = current.directories.working_dir;
  const merged = mergeConfig({
    kind,
    current: current.config,
    archive: archived,
    agents,
    preserveProtected,
    workingDir,
  });
  const changed = kind === 'replace' ? { entry: CONFIG_ENTRY } : { path: current.directories.config_file };
  const warnings = merged.reprinted ? [configReprinted(changed)] : [];
  if (kind === 'replace') warnings.push(...absentWorkspaces(request, merged.root));
  return { ...merged, warnings };
}

function kindOf({ payload, wanted, archived }: ConfigRequest): ConfigMerge['kind'] {
  if (wanted.modules.global_config !== 'restore' || archived === null) return 'register';
  return payload.mode === 'full' ? 'replace' : 'adopt';
}

/** Agents of the backup's registry without a workspace in the backup that live here: they stay where they are. */
function unrestored({ archived, current, wanted }: ConfigRequest): { id: string; workspaceDir: string }[] {
  const profiles = archived === null ? new Map<string, unknown>() : profilesOf(archived.root);
  return current.registry.agents.filter(({ id, exists }) => exists && profiles.has(id) && !wanted.agents.includes(id));
}

function absentWorkspaces({ wanted }: ConfigRequest, root: JsonObject): JobWarning[] {
  const absent = [...profilesOf(root).keys()].filter((id) => !wanted.agents.includes(id)).sort(compareCodePoints);
  return absent.map((agent) => ({
    code: 'WORKSPACE_NOT_IN_BACKUP',
    message: `The registry of the backup names agent ${agent}, but the backup has no workspace of it`,
    details: { agent },
  }));
}

/** Agents that the final registry does not name any more, in code-point order. */
export function leftBehind(current: CurrentInstance, root: JsonObject): { id: string; workspace_dir: string }[] {
  const profiles = profilesOf(root);
  return current.registry.agents
    .filter(({ id }) => !profiles.has(id))
    .map(({ id, workspaceDir }) => ({ id, workspace_dir: workspaceDir }))
    .sort((a, b) => compareCodePoints(a.id, b.id));
}

const profilesOf = (root: JsonObject): JsonObject => objectOf(objectOf(root.get('agents')).get('profiles'));
