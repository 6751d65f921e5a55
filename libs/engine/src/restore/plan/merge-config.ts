import type { LosslessJson } from '@pawvault/archive';
import { type PlacedAgent, newProfile, placeProfile } from './agent-profiles';
import { isSameJson } from './config-diff';
import { type JsonDocument, type JsonObject, objectOf, textsOf, writeDocument } from './config-document';

/** Local keys that another installation's archive must not weaken. */
export const PROTECTED_KEYS = ['security', 'mcp'] as const;

export interface ConfigMerge {
  /**
   * replace: the backup's config.json as it stands, paths corrected; adopt: all its keys, but the registry of this instance with the restored
   * agents taken over; register: this instance's own, with new agents added.
   */
  kind: 'replace' | 'adopt' | 'register';
  /** null only in a full restore. */
  current: JsonDocument | null;
  /** null where the backup has none; `replace` and `adopt` need it. */
  archive: JsonDocument | null;
  /** Restored agents; in `replace` also those of the backup's registry that exist here without being restored. */
  agents: readonly PlacedAgent[];
  preserveProtected: boolean;
  workingDir: string;
}

export interface MergedConfig {
  /** Final content; null: config.json stays as it is. */
  bytes: Buffer | null;
  root: JsonObject;
  /** bytes are those of the archive. */
  verbatim: boolean;
  /** The document that was changed was no plain JSON, and had to be printed anew. */
  reprinted: boolean;
  preservedKeys: string[];
}

/**
 * Decides the final config.json; every rule is a line of the tables in the test beside.
 * A merge that comes to the same values writes nothing; a replacement is always written, so that mode and time follow the backup.
 */
export function mergeConfig(merge: ConfigMerge): MergedConfig {
  const { kind, current, archive } = merge;
  const local = current?.root ?? new Map<string, LosslessJson>();
  if (kind === 'register' || archive === null) return ownConfig(register(local, merge), { current, preservedKeys: [] });
  const root = kind === 'replace' ? replace(archive.root, merge) : adopt(archive.root, local, merge);
  const preservedKeys = merge.preserveProtected ? preserve(root, local) : [];
  if (kind === 'adopt') return ownConfig(root, { current, preservedKeys });
  const verbatim = isSameJson(root, archive.root);
  const written = verbatim ? { bytes: archive.bytes, reprinted: false } : writeDocument(archive, root);
  return { ...written, root, verbatim, preservedKeys };
}

function ownConfig(
  root: JsonObject,
  { current, preservedKeys }: { current: JsonDocument | null; preservedKeys: string[] },
): MergedConfig {
  const unchanged = isSameJson(root, current?.root ?? new Map<string, LosslessJson>());
  const written = unchanged ? { bytes: null, reprinted: false } : writeDocument(current, root);
  return { ...written, root, verbatim: false, preservedKeys };
}

function replace(archive: JsonObject, merge: ConfigMerge): JsonObject {
  const agents = objectOf(archive.get('agents'));
  const profiles = objectOf(agents.get('profiles'));
  const added: string[] = [];
  for (const agent of merge.agents) {
    const known = profiles.get(agent.id);
    if (known instanceof Map) profiles.set(agent.id, placeProfile(known, agent, merge.workingDir));
    else {
      profiles.set(agent.id, newProfile(known, agent));
      added.push(agent.id);
    }
  }
  if (merge.agents.length === 0) return new Map(archive);
  agents.set('profiles', profiles);
  appendToOrder(agents, added);
  return new Map(archive).set('agents', agents);
}

function adopt(archive: JsonObject, local: JsonObject, merge: ConfigMerge): JsonObject {
  const theirs = objectOf(archive.get('agents'));
  const ours = objectOf(local.get('agents'));
  const profiles = objectOf(ours.get('profiles'));
  for (const agent of merge.agents) {
    const backup = objectOf(theirs.get('profiles')).get(agent.id);
    const known = backup instanceof Map ? backup : profiles.get(agent.id);
    const profile = known instanceof Map ? placeProfile(known, agent, merge.workingDir) : newProfile(undefined, agent);
    profiles.set(agent.id, profile);
  }
  const agents = objectOf(archive.get('agents')).set('profiles', profiles);
  adoptOrder(agents, { ours, restored: merge.agents.map(({ id }) => id) });
  adoptActive(agents, ours);
  return new Map(archive).set('agents', agents);
}

/** The backup's order without agents that do not exist; behind it those that it does not know, as they stand here. */
function adoptOrder(agents: JsonObject, from: { ours: JsonObject; restored: string[] }): void {
  const order = textsOf(agents.get('agent_order'));
  if (order === null) return;
  const profiles = objectOf(agents.get('profiles'));
  const known = [...order, ...(textsOf(from.ours.get('agent_order')) ?? []), ...from.restored];
  agents.set(
    'agent_order',
    [...new Set(known)].filter((id) => profiles.has(id)),
  );
}

/** The backup's active agent if it exists here, else the present one, else the first. */
function adoptActive(agents: JsonObject, ours: JsonObject): void {
  if (!agents.has('active_agent')) return;
  const profiles = objectOf(agents.get('profiles'));
  const candidates = [
    agents.get('active_agent'),
    ours.get('active_agent'),
    ...(textsOf(agents.get('agent_order')) ?? []),
    ...profiles.keys(),
  ];
  const chosen = candidates.find((id) => typeof id === 'string' && profiles.has(id));
  if (chosen === undefined) agents.delete('active_agent');
  else agents.set('active_agent', chosen);
}

function register(local: JsonObject, merge: ConfigMerge): JsonObject {
  if (merge.agents.length === 0) return local;
  const agents = objectOf(local.get('agents'));
  const profiles = objectOf(agents.get('profiles'));
  const backup = objectOf(objectOf(merge.archive?.root.get('agents')).get('profiles'));
  const added: string[] = [];
  for (const agent of merge.agents) {
    const known = profiles.get(agent.id);
    if (known instanceof Map) profiles.set(agent.id, placeProfile(known, agent, merge.workingDir));
    else {
      profiles.set(agent.id, newProfile(backup.get(agent.id), agent));
      added.push(agent.id);
    }
  }
  agents.set('profiles', profiles);
  appendToOrder(agents, added);
  return new Map(local).set('agents', agents);
}

/** Where there is no order, there stays none: QwenPaw then goes by the profiles. */
function appendToOrder(agents: JsonObject, added: readonly string[]): void {
  const order = agents.get('agent_order');
  if (!Array.isArray(order)) return;
  const missing = added.filter((id) => !order.includes(id));
  if (missing.length > 0) agents.set('agent_order', [...order, ...missing]);
}

/** Puts the local values back, a missing one as missing. @returns the keys that either side has */
function preserve(root: JsonObject, local: JsonObject): string[] {
  const keys = PROTECTED_KEYS.filter((key) => root.has(key) || local.has(key));
  for (const key of keys) {
    const value = local.get(key);
    if (value === undefined) root.delete(key);
    else root.set(key, value);
  }
  return keys;
}
