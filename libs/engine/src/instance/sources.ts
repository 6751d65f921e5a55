import { lstatSync, realpathSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
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
import { type HeldDirectory, type HeldRef, isSameNode, mountPointsBelow, refTo } from '@pawvault/durable-fs';
import { type BarredPlace, isWithin } from '../walk/barred-places';
import type { LinkScope } from '../walk/link-target';
import { barredPlaces, type Position, positionOf } from './barred';
import { configNotRestorable, configRepaired } from './config-warnings';
import { type ConfigState, readAgentFile, type RegisteredAgent, type Registry } from './registry';
import { openRoot, trustOf } from './source-root';

interface SourceFacts {
  module: 'agents' | 'global_config' | 'skill_pool' | 'secrets';
  /** The agent's id; null for the other modules. */
  agent: string | null;
  /** Shown while it is being worked on. */
  label: string;
  /** The directory, or that of the file. Opened once, here; all that is read of the source is reached through it. */
  root: HeldRef;
  /** Entry name; with a trailing slash for directories. */
  prefix: string;
}

export type DirectorySource = SourceFacts & { kind: 'directory' } & Pick<LinkScope, 'barred' | 'mounts' | 'outward'>;
/** @property base name of the file in its directory */
export type FileSource = SourceFacts & { kind: 'file'; base: string };

/** A directory or file that becomes part of an archive. */
export type Source = DirectorySource | FileSource;

/** What a selection comes to on this instance. */
export interface SourcePlan {
  /** In the order of their entry names. */
  sources: Source[];
  agents: (RegisteredAgent & { name: string })[];
  omissions: Omission[];
  warnings: JobWarning[];
  /** Closes the roots. To be called when nothing is read any more. */
  close(): void;
}

export interface SourceOptions {
  /** Links that lead out of a source are packed with the content of the file that they lead to. */
  followOutwardLinks: boolean;
}

/**
 * Resolves a selection against the instance. Missing places are omissions, places inside each other are reported and taken once.
 * @throws DomainError AGENT_NOT_FOUND when a named agent is not registered
 */
export async function planSources(
  instance: { directories: InstanceDirectories; registry: Registry & { config: ConfigState } },
  selection: BackupSelection,
  options: SourceOptions,
): Promise<SourcePlan> {
  const planner = new SourcePlanner(instance.directories, instance.registry, options);
  try {
    await planner.add(selection);
    return planner.plan;
  } catch (error) {
    planner.plan.close();
    throw error;
  }
}

class SourcePlanner {
  readonly plan: SourcePlan;
  private readonly open: HeldDirectory[] = [];
  private readonly places: readonly BarredPlace[];
  /** The root of the file system, where links that lead outward are followed from there. */
  private readonly top: HeldRef | null;

  constructor(
    private readonly directories: InstanceDirectories,
    private readonly registry: Registry & { config: ConfigState },
    options: SourceOptions,
  ) {
    const close = (): void => this.open.splice(0).forEach((held) => held.close());
    this.plan = { sources: [], agents: [], omissions: [], warnings: [], close };
    this.places = barredPlaces(directories, registry);
    const top = options.followOutwardLinks ? this.hold('/') : null;
    this.top = top === null ? null : refTo(top);
  }

  async add(selection: BackupSelection): Promise<void> {
    const { directories, plan, registry } = this;
    const { scope } = selection;
    const chosen = chooseAgents(registry, selection);
    const { repaired, path } = registry.config;
    if (repaired !== null) plan.warnings.push(configRepaired({ path }, repaired));
    if (scope.include_global_config) this.addConfig();
    if (scope.include_secrets)
      await this.addModule({ module: 'secrets', path: directories.secret_dir, prefix: SECRETS_PREFIX });
    if (scope.include_skill_pool) {
      const path = join(directories.working_dir, 'skill_pool');
      await this.addModule({ module: 'skill_pool', path, prefix: SKILL_POOL_PREFIX });
    }
    for (const agent of chosen) await this.addAgent(agent);
    if (selection.agents === 'all' && scope.include_agents) reportUnusable(plan, registry);
    await warnOfMissingMasterKey(plan, directories);
    plan.sources.sort((a, b) => Buffer.compare(Buffer.from(a.prefix), Buffer.from(b.prefix)));
  }

  private addConfig(): void {
    const file = this.directories.config_file;
    const found = resolveFile(file);
    const omit = (reason: OmissionReason, detail?: string): unknown =>
      this.plan.omissions.push({ path: CONFIG_ENTRY, reason, ...(detail === undefined ? {} : { detail }) });
    const root = found === null ? null : this.hold(dirname(found.path));
    if (found === null || root === null) return void omit('missing_module');
    const { refusal } = this.positionOf(root);
    if (refusal !== null) return void omit(refusal.reason, found.path);
    if (found.untrusted !== null) {
      omit('workspace_link_untrusted', found.untrusted);
      return this.warnOfLink(file, found.untrusted);
    }
    const { notRestorable } = this.registry.config;
    if (notRestorable !== null) this.plan.warnings.push(configNotRestorable(file, notRestorable));
    const facts = { module: 'global_config' as const, agent: null, label: 'config.json', kind: 'file' as const };
    this.plan.sources.push({ ...facts, root: refTo(root), base: basename(found.path), prefix: CONFIG_ENTRY });
  }

  private async addModule(of: { module: 'skill_pool' | 'secrets'; path: string; prefix: string }): Promise<void> {
    const { module, path, prefix } = of;
    const { omissions } = this.plan;
    const root = this.hold(path);
    if (root === null) return void omissions.push({ path: prefix, reason: 'missing_module' });
    const position = this.positionOf(root);
    const refusal = module === 'secrets' ? this.isBackupDirectory(root) : position.refusal;
    if (refusal !== null) return void omissions.push({ path: prefix, reason: refusal.reason, detail: root.path });
    const link = untrustedLink(path, root);
    if (link !== null) {
      omissions.push({ path: prefix, reason: 'workspace_link_untrusted', detail: link });
      return this.warnOfLink(path, link);
    }
    await this.addDirectory({ module, agent: null, label: module, prefix }, root, position);
  }

  private async addAgent(agent: RegisteredAgent): Promise<void> {
    const root = this.hold(agent.workspaceDir);
    if (root === null) return leaveAgentOut(this.plan, agent, 'missing_workspace');
    const position = this.positionOf(root);
    if (position.refusal !== null) return leaveAgentOut(this.plan, agent, position.refusal.reason);
    const link = untrustedLink(agent.workspaceDir, root);
    if (link !== null) {
      const path = agentPrefix(agent.id);
      this.plan.omissions.push({ path, reason: 'workspace_link_untrusted', detail: link });
      return this.warnOfLink(agent.workspaceDir, link, agent.id);
    }
    reportOverlaps(this.plan, agent, { root, barred: position.barred });
    const { name, warnings } = await readAgentFile(agent);
    this.plan.agents.push({ ...agent, name });
    this.plan.warnings.push(...warnings);
    const facts = { module: 'agents' as const, agent: agent.id, label: agent.id, prefix: agentPrefix(agent.id) };
    await this.addDirectory(facts, root, position);
  }

  private async addDirectory(
    facts: Omit<SourceFacts, 'root'>,
    root: HeldDirectory,
    { barred }: Position,
  ): Promise<void> {
    const mounts = new Set(await mountPointsBelow(root.path));
    const never = this.places.filter((place) => !isSameNode(place, root));
    const outward = this.top === null ? null : { root: this.top, barred: never };
    this.plan.sources.push({ ...facts, kind: 'directory', root: refTo(root), barred, mounts, outward });
  }

  private hold(path: string): HeldDirectory | null {
    const held = openRoot(path);
    if (held !== null) this.open.push(held);
    return held;
  }

  private positionOf(root: HeldDirectory): Position {
    return positionOf(root, this.places, this.directories.working_dir);
  }

  private isBackupDirectory(root: HeldDirectory): BarredPlace | null {
    return this.places.find((place) => place.reason === 'contains_backup_directory' && isSameNode(place, root)) ?? null;
  }

  private warnOfLink(path: string, link: string, agent?: string): void {
    const message = `${path} is reached through the symbolic link ${link}, which belongs to another user than what it leads to, and is left out`;
    const details = { path, link, ...(agent === undefined ? {} : { agent }) };
    this.plan.warnings.push(warning('WORKSPACE_LINK_UNTRUSTED', message, details));
  }
}

function chooseAgents(registry: Registry, { scope, agents }: BackupSelection): RegisteredAgent[] {
  if (!scope.include_agents) return [];
  if (agents === 'all') return registry.agents;
  const unknown = agents.filter((id) => !registry.agents.some((agent) => agent.id === id));
  if (unknown.length > 0)
    throw new DomainError('AGENT_NOT_FOUND', `No such agent: ${unknown.join(', ')}`, { agents: unknown });
  return registry.agents.filter(({ id }) => agents.includes(id));
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
  place: { root: HeldDirectory; barred: readonly BarredPlace[] },
): void {
  const inside = place.barred.filter(({ path }) => isWithin(path, place.root.path));
  for (const { path, reason } of inside) {
    const message = `The workspace of agent ${id} contains ${path}, which is left out of it`;
    plan.warnings.push(warning('WORKSPACE_OVERLAP', message, { agent: id, path, reason }));
  }
  const twin = plan.sources.find((source) => source.kind === 'directory' && isSameNode(source.root, place.root));
  if (twin === undefined) return;
  const message = `Agents ${twin.agent ?? twin.label} and ${id} share one workspace; it is packed for both`;
  plan.warnings.push(warning('WORKSPACE_SHARED', message, { agent: id, path: place.root.path }));
}

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

/** The link on the way to a root that must not be followed, or null. */
function untrustedLink(path: string, root: HeldDirectory): string | null {
  try {
    const trust = trustOf(path, root);
    return trust.trusted ? null : trust.link;
  } catch {
    // It is being exchanged at this moment.
    return path;
  }
}

/** The file that a path leads to, and the link on the way that must not be followed; null where there is none. */
function resolveFile(path: string): { path: string; untrusted: string | null } | null {
  try {
    const real = realpathSync(path);
    const trust = trustOf(path, lstatSync(real));
    return { path: real, untrusted: trust.trusted ? null : trust.link };
  } catch {
    return null;
  }
}

const warning = (code: string, message: string, details: Record<string, unknown>): JobWarning => ({
  code,
  message,
  details,
});
