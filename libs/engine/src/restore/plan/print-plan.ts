import { join } from 'node:path';
import type { SignedMeta, ZipEntry } from '@pawvault/archive';
import {
  type JobWarning,
  type PathChange,
  PLAN_LISTED_PATHS,
  type PlannedAgent,
  type PlannedModule,
  type PlannedPath,
  type RestorePlan,
  type RestorePlanPayload,
  type TreeChanges,
} from '@pawvault/contracts';
import type { AgentDocuments } from './archive-documents';
import { configDiff } from './config-diff';
import type { CurrentInstance } from './current-instance';
import type { Destination } from './destinations';
import type { MasterKeyDecision } from './master-key';
import type { MeasuredTarget } from './measure-targets';
import type { MergedConfig } from './merge-config';
import { leftBehind } from './plan-config';
import { planHash } from './plan-hash';
import type { RestoreTarget } from './prepared-plan';
import type { Wanted } from './resolve-request';

/** Everything that has been decided, in the terms of the engine. */
export interface Decisions {
  entries: readonly ZipEntry[];
  meta: SignedMeta;
  payload: RestorePlanPayload;
  wanted: Wanted;
  current: CurrentInstance;
  destinations: Destination[];
  targets: RestoreTarget[];
  masterKey: MasterKeyDecision;
  documents: AgentDocuments;
  config: MergedConfig;
  measured: MeasuredTarget[];
  /** All of them. */
  paths: readonly PlannedPath[];
  warnings: JobWarning[];
}

/** The decisions as the value that people and the API see, with its hash. */
export function printPlan(decided: Decisions): RestorePlan {
  const { meta, payload, wanted, current, config, measured, masterKey } = decided;
  const plan: Omit<RestorePlan, 'plan_hash'> = {
    backup_id: meta.id,
    mode: payload.mode,
    scope: wanted.scope,
    agents: plannedAgents(decided),
    modules: plannedModules(decided),
    config_changes: configDiff(current.config?.root ?? new Map(), config.root),
    preserved_local_keys: config.preservedKeys,
    left_behind: leftBehind(current, config.root),
    keeps_local_master_key: masterKey.keeps,
    replaces_master_key: masterKey.replaces,
    bytes: measured.reduce((sum, { changes }) => sum + changes.bytes, config.bytes?.length ?? 0),
    // QwenPaw reads config.json and agents anew, but keeps what it has decrypted.
    restart_required: wanted.modules.secrets === 'restore',
    paths: decided.paths.slice(0, PLAN_LISTED_PATHS),
    path_counts: countPaths(decided.paths),
    warnings: decided.warnings,
  };
  const trees = Object.fromEntries(measured.map(({ target }) => [target.destination, target.live.state]));
  const basis = { entries: decided.entries, config: current.config?.bytes ?? null, trees };
  return { ...plan, plan_hash: planHash(plan, basis) };
}

/** Known to the registry means replaced, wherever it goes. */
function plannedAgents({ destinations, measured, documents, current }: Decisions): PlannedAgent[] {
  const known = new Set(current.registry.agents.map(({ id }) => id));
  return destinations.map(({ agent: id, place }) => ({
    id,
    name: documents.names.get(id) ?? id,
    action: known.has(id) ? 'replace' : 'add',
    destination: place.path,
    changes: changesOf(measured, ({ kind, id: agent }) => kind === 'agent' && agent === id),
  }));
}

function plannedModules({ wanted, current, measured, targets, config }: Decisions): PlannedModule[] {
  const { directories } = current;
  const planned: PlannedModule[] = [];
  if (wanted.modules.global_config === 'skip') planned.push(skipped('global_config', directories.config_file));
  if (wanted.modules.global_config === 'restore') {
    planned.push({
      module: 'global_config',
      action: current.configState === 'missing' ? 'add' : 'replace',
      destination: current.configPath,
      changes: configChanges(current, config),
    });
  }
  for (const module of ['skill_pool', 'secrets'] as const) {
    const place = module === 'secrets' ? directories.secret_dir : join(directories.working_dir, 'skill_pool');
    const target = targets.find(({ kind }) => kind === module);
    if (wanted.modules[module] === 'skip') planned.push(skipped(module, place));
    if (target === undefined) continue;
    const changes = changesOf(measured, ({ kind }) => kind === module);
    planned.push({ module, action: target.exists ? 'replace' : 'add', destination: target.destination, changes });
  }
  return planned;
}

function countPaths(paths: readonly PlannedPath[]): Record<PathChange, number> {
  const counts = { added: 0, changed: 0, removed: 0, carried: 0 };
  for (const { change } of paths) counts[change] += 1;
  return counts;
}

const NOTHING: TreeChanges = { added: 0, changed: 0, removed: 0, carried: 0, unchanged: 0, bytes: 0 };

const skipped = (module: PlannedModule['module'], destination: string): PlannedModule => ({
  module,
  action: 'skip',
  destination,
  changes: { ...NOTHING },
});

const changesOf = (measured: readonly MeasuredTarget[], is: (target: RestoreTarget) => boolean): TreeChanges =>
  measured.find(({ target }) => is(target))?.changes ?? { ...NOTHING };

function configChanges({ config: before }: CurrentInstance, { bytes: after }: MergedConfig): TreeChanges {
  const bytes = after?.length ?? before?.bytes.length ?? 0;
  if (before === null) return { ...NOTHING, added: 1, bytes };
  const same = after === null || after.equals(before.bytes);
  return { ...NOTHING, [same ? 'unchanged' : 'changed']: 1, bytes };
}
