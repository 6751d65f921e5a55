import { isAgentId } from './agent-id';

export const DATA_PREFIX = 'data/';
/** Keeps this name whatever the config file of the instance is called. */
export const CONFIG_ENTRY = 'data/config.json';
export const SECRETS_PREFIX = 'data/secrets/';
export const SKILL_POOL_PREFIX = 'data/skill_pool/';
export const WORKSPACES_PREFIX = 'data/workspaces/';

export const MODULES = ['agents', 'global_config', 'skill_pool', 'secrets'] as const;
export type ModuleName = (typeof MODULES)[number];

export const agentPrefix = (agentId: string): string => `${WORKSPACES_PREFIX}${agentId}/`;

/** Which module an entry belongs to and, for workspaces, which agent. `path` is relative to the root of the module. */
export type EntryOwner =
  { module: Exclude<ModuleName, 'agents'>; path: string } | { module: 'agents'; agent: string; path: string };

/**
 * The owner of an entry name, or null when the name is no place of the layout: `data/workspaces/` itself, and what lies in a directory that can be
 * none of an agent.
 */
export function moduleOf(name: string): EntryOwner | null {
  if (name === CONFIG_ENTRY) return { module: 'global_config', path: '' };
  if (name.startsWith(SKILL_POOL_PREFIX)) return { module: 'skill_pool', path: name.slice(SKILL_POOL_PREFIX.length) };
  if (name.startsWith(SECRETS_PREFIX)) return { module: 'secrets', path: name.slice(SECRETS_PREFIX.length) };
  if (!name.startsWith(WORKSPACES_PREFIX)) return null;
  const slash = name.indexOf('/', WORKSPACES_PREFIX.length);
  if (slash <= WORKSPACES_PREFIX.length) return null;
  const agent = name.slice(WORKSPACES_PREFIX.length, slash);
  return isAgentId(agent) ? { module: 'agents', agent, path: name.slice(slash + 1) } : null;
}
