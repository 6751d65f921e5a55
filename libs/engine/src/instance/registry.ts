import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError, type InstanceDirectories, isAgentId } from '@pawvault/contracts';
import { errnoOf, toDomainError } from '@pawvault/durable-fs';

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

const ATTEMPTS = 4;
const PAUSE_MS = 40;

/**
 * Reads the registry of agents.
 * @throws DomainError INSTANCE_NOT_FOUND without a working directory; INSTANCE_CONFIG_INVALID when config.json does not
 *   parse; an instance without config.json has no agents
 */
export async function readRegistry(directories: InstanceDirectories): Promise<Registry> {
  const present = await stat(directories.working_dir).catch(() => null);
  if (!present?.isDirectory()) {
    throw new DomainError('INSTANCE_NOT_FOUND', undefined, { working_dir: directories.working_dir });
  }
  const config = await readSettledJson(directories.config_file);
  return registryOf(config?.value ?? {}, directories.working_dir, 'absent');
}

/**
 * What an unreadable workspace counts as. A backup goes on without it and says so; a restore decides by it where things go, and must not
 * take a failing disk for an agent that does not exist.
 */
export type UnreadableWorkspace = 'absent' | 'error';

/** The registry that a parsed config.json holds. @throws DomainError PERMISSION_DENIED, IO_ERROR only with `unreadable: 'error'` */
export async function registryOf(
  config: unknown,
  workingDir: string,
  unreadable: UnreadableWorkspace,
): Promise<Registry> {
  const agents = record(record(config)['agents']);
  const profiles = Object.entries(record(agents['profiles']));
  const usable = profiles.filter(([id]) => isAgentId(id));
  const activeAgent = agents['active_agent'];
  return {
    agents: await Promise.all(usable.map(([id, profile]) => toAgent(id, record(profile), { workingDir, unreadable }))),
    unusableIds: profiles.map(([id]) => id).filter((id) => !isAgentId(id)),
    activeAgent: typeof activeAgent === 'string' ? activeAgent : null,
  };
}

async function toAgent(
  id: string,
  profile: Record<string, unknown>,
  { workingDir, unreadable }: { workingDir: string; unreadable: UnreadableWorkspace },
): Promise<RegisteredAgent> {
  const given = profile['workspace_dir'];
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
  return { id, workspaceDir, enabled: profile['enabled'] !== false, exists };
}

/** `~` and relative paths, as QwenPaw accepts them. */
export function expandPath(path: string, workingDir: string): string {
  const home = process.env['HOME'] ?? '';
  const full = path === '~' || path.startsWith('~/') ? `${home}${path.slice(1)}` : path;
  return full.startsWith('/') ? full : join(workingDir, full);
}

/** The display name from the agent's own agent.json; its id where there is none. */
export async function agentName(agent: RegisteredAgent): Promise<string> {
  const own = await readFile(join(agent.workspaceDir, 'agent.json'), 'utf8').then(parseQuietly, () => null);
  const name = record(own)['name'];
  return typeof name === 'string' && name.trim() !== '' ? name : agent.id;
}

/**
 * Reads a JSON file that QwenPaw may be rewriting: it does so in place, and a reader who meets half of it must look again.
 * @returns null where there is no file
 * @throws DomainError INSTANCE_CONFIG_INVALID, with the path in `details`
 */
export async function readSettledJson(path: string): Promise<{ bytes: Buffer; value: unknown } | null> {
  for (let attempt = 1; ; attempt++) {
    const bytes = await readFile(path).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return null;
      throw toDomainError(error, path);
    });
    if (bytes === null) return null;
    const value = parseQuietly(bytes.toString('utf8'));
    if (value !== undefined) return { bytes, value };
    if (attempt === ATTEMPTS) throw new DomainError('INSTANCE_CONFIG_INVALID', undefined, { path });
    await delay(PAUSE_MS * attempt);
  }
}

function parseQuietly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
