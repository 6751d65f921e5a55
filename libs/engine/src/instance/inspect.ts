import {
  type AgentView,
  FULL_SCOPE,
  type InstanceModuleView,
  type InstanceView,
  type JobWarning,
  type ModuleStats,
} from '@pawvault/contracts';
import { freeBytes } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { scanSource } from '../walk/scan-source';
import { qwenpawVersion } from './qwenpaw-version';
import { readAgentFile, readRegistry, type RegisteredAgent, type Registry } from './registry';
import { planSources, type SourcePlan } from './sources';

/**
 * The instance as a full backup would see it; reads names and sizes, no content.
 * @throws DomainError INSTANCE_NOT_FOUND, INSTANCE_CONFIG_INVALID
 */
export async function inspectInstance(deps: EngineDeps, context: Pick<JobContext, 'signal'>): Promise<InstanceView> {
  const { directories } = deps;
  const registry = await readRegistry(directories);
  const plan = await planSources({ directories, registry }, { scope: FULL_SCOPE, agents: 'all' }, deps);
  const sizes = await sizesOf(deps, plan, context.signal).finally(() => plan.close());
  const view = (prefix: string): InstanceModuleView => ({
    ...(sizes.get(prefix) ?? { files: 0, bytes: 0 }),
    exists: sizes.has(prefix),
  });
  return {
    instance_id: deps.instanceId,
    directories,
    qwenpaw_version: await qwenpawVersion(deps, context.signal),
    active_agent: registry.activeAgent,
    agents: await agentViews(registry, sizes, plan.agents),
    modules: {
      global_config: view('data/config.json'),
      skill_pool: view('data/skill_pool/'),
      secrets: view('data/secrets/'),
    },
    backup_dir_free_bytes: await freeBytes(directories.backup_dir).catch(() => 0),
    warnings: plan.warnings satisfies JobWarning[],
    inspected_at: deps.clock().toISOString(),
  };
}

async function sizesOf(deps: EngineDeps, plan: SourcePlan, signal: AbortSignal): Promise<Map<string, ModuleStats>> {
  const sizes = new Map<string, ModuleStats>();
  for (const source of plan.sources)
    sizes.set(source.prefix, (await scanSource(deps, source, { signal, hold: 0 })).total);
  return sizes;
}

function agentViews(
  registry: Registry,
  sizes: Map<string, ModuleStats>,
  planned: SourcePlan['agents'],
): Promise<AgentView[]> {
  const view = async (agent: RegisteredAgent): Promise<AgentView> => ({
    id: agent.id,
    name: planned.find(({ id }) => id === agent.id)?.name ?? (await readAgentFile(agent)).name,
    enabled: agent.enabled,
    workspace_dir: agent.workspaceDir,
    exists: agent.exists,
    ...(sizes.get(`data/workspaces/${agent.id}/`) ?? { files: 0, bytes: 0 }),
  });
  return Promise.all(registry.agents.map(view));
}
