import { realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import {
  agentPrefix,
  type BackupSelection,
  CONFIG_ENTRY,
  DomainError,
  type InstanceDirectories,
  type JobWarning,
  type Omission,
  type OmissionReason,
  SECRETS_PREFIX,
  SKILL_POOL_PREFIX,
} from '@pawvault/contracts';
import { join } from 'node:path';
import { configNotRestorable, configRepaired } from './config-warnings';
import { type ConfigState, readAgentFile, type RegisteredAgent, type Registry } from './registry';

/** A directory or file that becomes part of an archive. */
export interface Source {
  module: 'agents' | 'global_config' | 'skill_pool' | 'secrets';
  /** The agent's id; null for the other modules. */
  agent: string | null;
  /** Shown while it is being worked on. */
  label: string;
  kind: 'directory' | 'file';
  /** Real path: a workspace that is a symbolic link is followed once, here. */
  root: string;
  /** Entry name; with a trailing slash for directories. */
  prefix: string;
  barred: ReadonlyMap<string, OmissionReason>;
}

/** What a selection comes to on this instance. */
export interface SourcePlan {
  /** In the order of their entry names. */
  sources: Source[];
  agents: (RegisteredAgent & { name: string })[];
  omissions: Omission[];
  warnings: JobWarning[];
}

/**
 * Resolves a selection against the instance. Missing places are omissions, places inside each other are reported and taken once.
 * @throws DomainError AGENT_NOT_FOUND when a named agent is not registered
 */
export async function planSources(
  directories: InstanceDirectories,
  registry: Registry & { config: ConfigState },
  selection: BackupSelection,
): Promise<SourcePlan> {
  const chosen = chooseAgents(registry, selection);
  const plan: SourcePlan = { sources: [], agents: [], omissions: [], warnings: [] };
  const barred = await barredPlaces(directories, registry);
  const { repaired } = registry.config;
  if (repaired !== null) plan.warnings.push(configRepaired({ path: registry.config.path }, repaired));
  if (selection.scope.include_global_config) await addConfig(plan, directories, registry.config);
  if (selection.scope.include_secrets)
    await addModule(plan, barred, { module: 'secrets', root: directories.secret_dir, prefix: SECRETS_PREFIX });
  if (selection.scope.include_skill_pool) {
    await addModule(plan, barred, {
      module: 'skill_pool',
      root: join(directories.working_dir, 'skill_pool'),
      prefix: SKILL_POOL_PREFIX,
    });
  }
  for (const agent of chosen) await addAgent(plan, barred, agent);
  if (selection.agents === 'all' && selection.scope.include_agents) reportUnusable(plan, registry);
  await warnOfMissingMasterKey(plan, directories);
  plan.sources.sort((a, b) => Buffer.compare(Buffer.from(a.prefix), Buffer.from(b.prefix)));
  return plan;
}

function chooseAgents(registry: Registry, { scope, agents }: BackupSelection): RegisteredAgent[] {
  if (!scope.include_agents) return [];
  if (agents === 'all') return registry.agents;
  const unknown = agents.filter((id) => !registry.agents.some((agent) => agent.id === id));
  if (unknown.length > 0)
    throw new DomainError('AGENT_NOT_FOUND', `No such agent: ${unknown.join(', ')}`, { agents: unknown });
  return registry.agents.filter(({ id }) => agents.includes(id));
}

/**
 * Directories that must not be taken as part of another one: the backups themselves (they would contain each other), the secrets (they
 * only leave on request), and the workspaces of other agents (each is its own part of the archive).
 */
async function barredPlaces(
  directories: InstanceDirectories,
  registry: Registry,
): Promise<Map<string, OmissionReason>> {
  const barred = new Map<string, OmissionReason>();
  for (const agent of registry.agents) {
    const place = await realDirectory(agent.workspaceDir);
    if (place !== null) barred.set(place, 'nested_workspace');
  }
  const secrets = await realDirectory(directories.secret_dir);
  if (secrets !== null) barred.set(secrets, 'contains_secret_directory');
  const backups = await realDirectory(directories.backup_dir);
  if (backups !== null) barred.set(backups, 'contains_backup_directory');
  return barred;
}

async function addConfig(plan: SourcePlan, directories: InstanceDirectories, config: ConfigState): Promise<void> {
  const path = await realpath(directories.config_file).catch(() => null);
  if (path === null) {
    plan.omissions.push({ path: CONFIG_ENTRY, reason: 'missing_module' });
    return;
  }
  if (config.notRestorable !== null) plan.warnings.push(configNotRestorable(config.path, config.notRestorable));
  const source = { module: 'global_config' as const, agent: null, label: 'config.json', kind: 'file' as const };
  plan.sources.push({ ...source, root: path, prefix: CONFIG_ENTRY, barred: new Map() });
}

async function addModule(
  plan: SourcePlan,
  barred: Map<string, OmissionReason>,
  module: { module: 'skill_pool' | 'secrets'; root: string; prefix: string },
): Promise<void> {
  const root = await realDirectory(module.root);
  if (root === null) {
    plan.omissions.push({ path: module.prefix, reason: 'missing_module' });
    return;
  }
  const foreign = ownedByOther(root, barred);
  if (foreign !== null && !(module.module === 'secrets' && foreign === 'contains_secret_directory')) {
    plan.omissions.push({ path: module.prefix, reason: foreign, detail: root });
    return;
  }
  plan.sources.push({
    ...module,
    agent: null,
    label: module.module,
    kind: 'directory',
    root,
    barred: within(root, barred),
  });
}

async function addAgent(plan: SourcePlan, barred: Map<string, OmissionReason>, agent: RegisteredAgent): Promise<void> {
  const prefix = agentPrefix(agent.id);
  const root = await realDirectory(agent.workspaceDir);
  const refusal = root === null ? 'missing_workspace' : ownedByOther(root, barred);
  if (root === null || refusal !== null) {
    leaveAgentOut(plan, agent, refusal ?? 'missing_workspace');
    return;
  }
  const inside = within(root, barred);
  reportOverlaps(plan, agent, { root, inside });
  const { name, warnings } = await readAgentFile(agent);
  plan.agents.push({ ...agent, name });
  plan.warnings.push(...warnings);
  plan.sources.push({
    module: 'agents',
    agent: agent.id,
    label: agent.id,
    kind: 'directory',
    root,
    prefix,
    barred: inside,
  });
}

function leaveAgentOut(plan: SourcePlan, { id, workspaceDir }: RegisteredAgent, reason: OmissionReason): void {
  plan.omissions.push({ path: agentPrefix(id), reason, detail: workspaceDir });
  const details = { agent: id, path: workspaceDir };
  plan.warnings.push(
    reason === 'missing_workspace'
      ? warning('WORKSPACE_MISSING', `The workspace of agent ${id} does not exist`, details)
      : warning(
          'WORKSPACE_OVERLAP',
          `The workspace of agent ${id} is a directory of the instance itself, and left out`,
          {
            ...details,
            reason,
          },
        ),
  );
}

function reportOverlaps(
  plan: SourcePlan,
  { id }: RegisteredAgent,
  place: { root: string; inside: Map<string, OmissionReason> },
): void {
  for (const [path, reason] of place.inside) {
    const message = `The workspace of agent ${id} contains ${path}, which is left out of it`;
    plan.warnings.push(warning('WORKSPACE_OVERLAP', message, { agent: id, path, reason }));
  }
  const twin = plan.sources.find((source) => source.root === place.root);
  if (twin === undefined) return;
  const message = `Agents ${twin.agent ?? twin.label} and ${id} share one workspace; it is packed for both`;
  plan.warnings.push(warning('WORKSPACE_SHARED', message, { agent: id, path: place.root }));
}

/** Set when a root is not near the backups or the secrets but is one of them: then nothing of it may be taken under another name. */
function ownedByOther(root: string, barred: Map<string, OmissionReason>): OmissionReason | null {
  const reason = barred.get(root);
  return reason === undefined || reason === 'nested_workspace' ? null : reason;
}

/** The barred places strictly below a root. */
const within = (root: string, barred: Map<string, OmissionReason>): Map<string, OmissionReason> =>
  new Map([...barred].filter(([place]) => place.startsWith(root === sep ? sep : root + sep)));

function reportUnusable(plan: SourcePlan, registry: Registry): void {
  for (const id of registry.unusableIds) {
    plan.omissions.push({ path: `data/workspaces/${id}/`, reason: 'agent_id_invalid' });
    plan.warnings.push(
      warning('AGENT_ID_INVALID', 'An agent id of the registry cannot be a directory name; the agent is left out', {
        agent: id,
      }),
    );
  }
}

/** Without its master key the secrets cannot be decrypted on another machine; QwenPaw may keep it in the keyring of the system. */
async function warnOfMissingMasterKey(plan: SourcePlan, directories: InstanceDirectories): Promise<void> {
  if (!plan.sources.some(({ module }) => module === 'secrets')) return;
  const present = await stat(join(directories.secret_dir, '.master_key')).catch(() => null);
  if (present !== null) return;
  plan.warnings.push(
    warning(
      'MASTER_KEY_NOT_IN_BACKUP',
      'The secrets have no .master_key beside them (it may be in the keyring of the system): elsewhere they cannot be decrypted',
      {
        path: join(directories.secret_dir, '.master_key'),
      },
    ),
  );
}

async function realDirectory(path: string): Promise<string | null> {
  try {
    const real = await realpath(path);
    return (await stat(real)).isDirectory() ? real : null;
  } catch {
    return null;
  }
}

const warning = (code: string, message: string, details: Record<string, unknown>): JobWarning => ({
  code,
  message,
  details,
});
