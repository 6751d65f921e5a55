import {
  type BackupDetail,
  type ErrorCode,
  type InstanceView,
  type ModuleName,
  MODULES,
  type RestoreMode,
  type TrustMode,
} from '@pawvault/contracts';
import type { SelectionBody } from '../api/actions';

export type RestoredModule = Exclude<ModuleName, 'agents'>;

/** What the restore page holds. Choices of the custom mode survive a look at the full one. */
export interface RestoreForm {
  /** Whether the present state is backed up first, with which the restore can be undone. */
  backUpFirst: boolean;
  mode: RestoreMode;
  /** Of the custom mode: ids of the agents that are ticked, and the modules. */
  agents: ReadonlySet<string>;
  modules: ReadonlySet<RestoredModule>;
  /** Where agents go that this instance does not know; empty: the place that QwenPaw gives them. */
  workspaceDir: string;
  /** Whether `security` and `mcp` of the local config.json stay; asked only for archives from elsewhere. */
  preserveLocal: boolean;
  /** What the reader has vouched for. */
  trust: TrustMode | null;
}

/** An agent of the backup as the choice shows it. */
export interface RestorableAgent {
  id: string;
  name: string;
  files: number;
  bytes: number;
  /** replace: the instance knows it; add: it does not. */
  action: 'replace' | 'add';
  /** Where it goes; for one that is added it follows from the form. */
  destination: string;
}

/**
 * Full for a full backup, else custom with all that the backup has but secrets, which come back only on request.
 */
export function initialForm(backup: BackupDetail): RestoreForm {
  return {
    backUpFirst: true,
    mode: backup.kind === 'full' ? 'full' : 'custom',
    agents: new Set(Object.keys(backup.agents)),
    modules: new Set(modulesOf(backup).filter((name) => name !== 'secrets')),
    workspaceDir: '',
    preserveLocal: true,
    trust: null,
  };
}

/** The modules that the backup was made with. */
export const modulesOf = ({ scope }: BackupDetail): RestoredModule[] =>
  MODULES.filter((name): name is RestoredModule => name !== 'agents' && scope[`include_${name}`]);

export function agentsOf(backup: BackupDetail, instance: InstanceView, workspaceDir: string): RestorableAgent[] {
  const present = new Map(instance.agents.map((agent) => [agent.id, agent]));
  const parent = workspaceDir.trim() || joined(instance.directories.working_dir, 'workspaces');
  return Object.entries(backup.agents).map(([id, { name, files, bytes }]) => {
    const known = present.get(id);
    const destination = known?.exists ? known.workspace_dir : joined(parent, id);
    return { id, name, files, bytes, action: known === undefined ? 'add' : 'replace', destination };
  });
}

/** Agents that would be restored and that this instance does not know: for them alone a location can be chosen. */
export function newAgents(form: RestoreForm, agents: readonly RestorableAgent[]): RestorableAgent[] {
  return agents.filter(({ id, action }) => action === 'add' && (form.mode === 'full' || form.agents.has(id)));
}

/** Whether the archive comes from elsewhere, so that its security settings are not taken over unasked. */
export const isForeign = ({ trust, accepted_via_trust }: BackupDetail): boolean =>
  trust !== 'valid' || accepted_via_trust === true;

/** Whether a config.json is restored, and with it the choice about local settings arises. */
export const takesConfig = (form: RestoreForm, backup: BackupDetail): boolean =>
  form.mode === 'full' ? backup.scope.include_global_config : form.modules.has('global_config');

/** Why the form cannot be previewed yet; null when it can. */
export function obstacle(form: RestoreForm): 'nothing_selected' | 'workspace_dir_relative' | null {
  if (form.mode === 'custom' && form.agents.size + form.modules.size === 0) return 'nothing_selected';
  const place = form.workspaceDir.trim();
  return place !== '' && !isAbsolute(place) ? 'workspace_dir_relative' : null;
}

/** The body of a restore plan, and with a confirmation of a restore. In full mode the archive says what is taken, and nobody else may. */
export function selectionOf(form: RestoreForm, backup: BackupDetail): SelectionBody {
  return {
    mode: form.mode,
    ...(form.mode === 'custom' && {
      agent_ids: [...form.agents],
      include_global_config: form.modules.has('global_config'),
      include_skill_pool: form.modules.has('skill_pool'),
      include_secrets: form.modules.has('secrets'),
    }),
    default_workspace_dir: form.workspaceDir.trim() || null,
    preserve_local_protected_config: isForeign(backup) && takesConfig(form, backup) ? form.preserveLocal : null,
    trust_mode: form.trust,
  };
}

/** What has to be vouched for before the backup is restored; null where its signature is ours, or not checked yet. */
export const trustNeeded = ({ trust }: BackupDetail): TrustMode | null =>
  trust === 'unsigned' ? 'legacy' : trust === 'mismatch' || trust === 'unknown_scheme' ? 'foreign' : null;

/** What has to be vouched for when a plan is refused with this code; null when trust is not the question. */
export function trustAskedBy(code: string): TrustMode | null {
  return Object.hasOwn(TRUST_OF, code) ? (TRUST_OF[code as ErrorCode] ?? null) : null;
}

const TRUST_OF: Partial<Record<ErrorCode, TrustMode>> = {
  backup_legacy_unsigned: 'legacy',
  backup_signature_mismatch: 'foreign',
  backup_unknown_signature_scheme: 'foreign',
};

const joined = (directory: string, name: string): string => `${directory.replace(/\/+$/, '')}/${name}`;

/** As the worker's system writes it, which need not be the browser's. */
const isAbsolute = (path: string): boolean => path.startsWith('/');
