import { isUtf8 } from 'node:buffer';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LosslessJson } from '@pawvault/archive';
import { DomainError, type InstanceDirectories, isAgentId, type JobWarning } from '@pawvault/contracts';
import { errnoOf, toDomainError } from '@pawvault/durable-fs';
import { agentJsonUnreadable, configRepaired, describeFault } from './config-warnings';
import { type JsonDocument, MAX_DOCUMENT_BYTES, readRegardlessOfEncoding, UnreadableJson } from './json/json-document';
import type { JsonFault } from './json/json-fault';
import { type JsonObject, objectOf } from './json/json-value';
import { readSettledDocument } from './json/read-settled';
import { expandPath } from './workspace-path';

/** An agent as `config.json` registers it (`agents.profiles`). */
export interface RegisteredAgent {
  id: string;
  /** Absolute; the registry rules over the copy in the agent's own agent.json. */
  workspaceDir: string;
  enabled: boolean;
  exists: boolean;
}

export interface Registry {
  agents: RegisteredAgent[];
  /** Ids that are no safe path component: they cannot become a directory of an archive. */
  unusableIds: string[];
  activeAgent: string | null;
}

/**
 * Reads the registry of agents.
 * @throws DomainError INSTANCE_NOT_FOUND without a working directory; INSTANCE_CONFIG_INVALID {path, line, column, reason} when QwenPaw could
 *   not read config.json either; an instance without config.json has no agents
 */
export async function readRegistry(directories: InstanceDirectories): Promise<Registry & { config: ConfigState }> {
  const { working_dir: workingDir, config_file: path } = directories;
  const present = await stat(workingDir).catch(() => null);
  if (!present?.isDirectory()) throw new DomainError('INSTANCE_NOT_FOUND', undefined, { working_dir: workingDir });
  const found = await readSettledDocument(path, 'follow');
  const document = found instanceof UnreadableJson && !isUtf8(found.bytes) ? readRegardlessOfEncoding(found) : found;
  if (document instanceof UnreadableJson) throw invalidConfig(path, document.fault);
  const notRestorable = found === null ? null : restoreFault(found);
  const registry = await registryOf(document?.root ?? new Map<string, LosslessJson>(), workingDir, 'absent');
  return {
    ...registry,
    config: { path, repaired: notRestorable === null ? (document?.fault ?? null) : null, notRestorable },
  };
}

/** How the config.json of the instance was read. */
export interface ConfigState {
  path: string;
  /** Where it departs from JSON, if QwenPaw reads it nevertheless. */
  repaired: JsonFault | null;
  /** Why a restore of the settings would refuse it. */
  notRestorable: JsonFault | null;
}

function restoreFault(found: JsonDocument | UnreadableJson): JsonFault | null {
  if (found instanceof UnreadableJson) return found.fault;
  return found.bytes.length > MAX_DOCUMENT_BYTES
    ? { line: 1, column: 1, reason: 'the file is larger than 4 MiB' }
    : null;
}

export const invalidConfig = (path: string, fault: JsonFault): DomainError =>
  new DomainError('INSTANCE_CONFIG_INVALID', describeFault({ path }, fault), { path, ...fault });

/**
 * What an unreadable workspace counts as. A backup goes on without it and says so; a restore decides by it where things go, and must not
 * take a failing disk for an agent that does not exist.
 */
export type UnreadableWorkspace = 'absent' | 'error';

/** The registry that a parsed config.json holds. @throws DomainError PERMISSION_DENIED, IO_ERROR only with `unreadable: 'error'` */
export async function registryOf(
  root: JsonObject,
  workingDir: string,
  unreadable: UnreadableWorkspace,
): Promise<Registry> {
  const agents = objectOf(root.get('agents'));
  const profiles = [...objectOf(agents.get('profiles'))];
  const usable = profiles.filter(([id]) => isAgentId(id));
  const activeAgent = agents.get('active_agent');
  return {
    agents: await Promise.all(
      usable.map(([id, profile]) => toAgent(id, objectOf(profile), { workingDir, unreadable })),
    ),
    unusableIds: profiles.map(([id]) => id).filter((id) => !isAgentId(id)),
    activeAgent: typeof activeAgent === 'string' ? activeAgent : null,
  };
}

async function toAgent(
  id: string,
  profile: JsonObject,
  { workingDir, unreadable }: { workingDir: string; unreadable: UnreadableWorkspace },
): Promise<RegisteredAgent> {
  const given = profile.get('workspace_dir');
  const workspaceDir =
    typeof given === 'string' && given !== '' ? expandPath(given, workingDir) : join(workingDir, 'workspaces', id);
  const exists = await stat(workspaceDir).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      const gone = ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '');
      if (gone || unreadable === 'absent') return false;
      throw toDomainError(error, workspaceDir);
    },
  );
  return { id, workspaceDir, enabled: profile.get('enabled') !== false, exists };
}

export interface AgentFile {
  /** The display name from the agent's own agent.json; its id where there is none. */
  name: string;
  /** About the agent.json, if it is no plain JSON. */
  warnings: JobWarning[];
}

/** Reads the agent.json of an agent. A link in its place is not followed: the workspace is the agent's to write. */
export async function readAgentFile({ id, workspaceDir }: RegisteredAgent): Promise<AgentFile> {
  const path = join(workspaceDir, 'agent.json');
  const document = await readSettledDocument(path, 'refuse').catch(() => null);
  if (document === null) return { name: id, warnings: [] };
  if (document instanceof UnreadableJson)
    return { name: id, warnings: [agentJsonUnreadable(id, { path }, document.fault)] };
  const warnings = document.fault === null ? [] : [configRepaired({ path }, document.fault)];
  return { name: nameIn(document.root) ?? id, warnings };
}

/** The display name that an agent.json gives, or null. */
export function nameIn(root: JsonObject): string | null {
  const name = root.get('name');
  return typeof name === 'string' && name.trim() !== '' ? name : null;
}
