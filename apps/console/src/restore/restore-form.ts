import {
  type BackupDetail,
  type ErrorCode,
  type InstanceView,
  type ModuleName,
  MODULES,
  type RestoreMode,
  type Role,
  roleSuffices,
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
  /** Whether what exclude rules leave out of backups is removed as well. */
  clean: boolean;
  /** Whether links that lead out of their module are made; asked only for archives from elsewhere. */
  outwardLinks: boolean;
}

/** What is there now; null while its config.json cannot be read, which a full restore puts right. */
export type Present = InstanceView | null;

/** What a restore begins with, and who asks for it. */
export interface Situation {
  backup: BackupDetail;
  instance: Present;
  role: Role;
}

/** What every step of the page shows and changes. */
export interface StepProps extends Situation {
  form: RestoreForm;
  onChange: (part: Partial<RestoreForm>) => void;
}

/** An agent of the backup as the choice shows it. */
export interface RestorableAgent {
  id: string;
  name: string;
  files: number;
  bytes: number;
  /** replace: the instance knows it; add: it does not. */
  action: 'replace' | 'add';
  /** Whether its directory is there, so that it goes nowhere else. */
  placed: boolean;
  /** Where it goes; for one that is not placed it follows from the form. null: nobody knows before the preview. */
  destination: string | null;
}

/**
 * Full for a full backup, else custom with all that the backup has but secrets, which come back only on request. What cannot be read
 * cannot be backed up first.
 */
export function initialForm(situation: Situation): RestoreForm {
  const { backup, instance } = situation;
  return {
    backUpFirst: instance !== null,
    mode: refusalOf('full', situation) === null ? 'full' : 'custom',
    agents: new Set(Object.keys(backup.agents)),
    modules: new Set(modulesOf(backup).filter((name) => name !== 'secrets')),
    workspaceDir: '',
    preserveLocal: true,
    trust: null,
    clean: false,
    outwardLinks: false,
  };
}

/** Why a backup cannot be restored in this mode here; null when it can. */
export function refusalOf(
  mode: RestoreMode,
  { backup: { kind, verified }, instance, role }: Situation,
): 'not_full' | 'needs_admin' | 'damaged' | 'instance_unreadable' | null {
  if (mode === 'custom') return instance === null ? 'instance_unreadable' : null;
  if (kind !== 'full') return 'not_full';
  if (!mayRestoreSecrets(role)) return 'needs_admin';
  // It would meet the damage, and stop there. What is sound can be taken piece by piece.
  return verified === 'damaged' ? 'damaged' : null;
}

/** What a full restore always does. */
export const mayRestoreSecrets = (role: Role): boolean => roleSuffices(role, 'admin');

/** Bytes that a backup of the present state reads. Its archive is smaller, by how much only packing tells. */
export const presentBytes = ({ agents, modules }: InstanceView): number =>
  [...agents, ...Object.values(modules)].reduce((sum, { bytes }) => sum + bytes, 0);

/** The modules that the backup was made with. */
export const modulesOf = ({ scope }: BackupDetail): RestoredModule[] =>
  MODULES.filter((name): name is RestoredModule => name !== 'agents' && scope[`include_${name}`]);

export function agentsOf(backup: BackupDetail, instance: Present, workspaceDir: string): RestorableAgent[] {
  const present = new Map(instance?.agents.map((agent) => [agent.id, agent]));
  const usual = instance === null ? null : joined(instance.directories.working_dir, 'workspaces');
  const parent = workspaceDir.trim() || usual;
  return Object.entries(backup.agents).map(([id, { name, files, bytes }]) => {
    const known = present.get(id);
    const placed = known?.exists === true;
    const action = known === undefined ? 'add' : 'replace';
    const destination = placed ? known.workspace_dir : parent && joined(parent, id);
    return { id, name, files, bytes, action, placed, destination };
  });
}

/** Agents that would be restored and have no directory here: for them alone a location can be chosen. */
export function unplacedAgents(form: RestoreForm, agents: readonly RestorableAgent[]): RestorableAgent[] {
  return agents.filter(({ id, placed }) => !placed && (form.mode === 'full' || form.agents.has(id)));
}

/** Whether the archive comes from elsewhere, so that its security settings are not taken over unasked. */
export const isForeign = ({ trust, accepted_via_trust }: BackupDetail): boolean =>
  trust !== 'valid' || accepted_via_trust === true;

/** Whether a config.json is restored, and with it the choice about local settings arises. */
export const takesConfig = (form: RestoreForm, backup: BackupDetail): boolean =>
  form.mode === 'full' ? backup.scope.include_global_config : form.modules.has('global_config');

/** Why the form cannot be previewed yet; null when it can. A location that nobody is asked for holds nobody up. */
export function obstacle(
  form: RestoreForm,
  situation: Situation,
): 'mode_impossible' | 'nothing_selected' | 'workspace_dir_relative' | null {
  if (refusalOf(form.mode, situation) !== null) return 'mode_impossible';
  if (form.mode === 'custom' && form.agents.size + form.modules.size === 0) return 'nothing_selected';
  const place = locationOf(form, situation);
  return place !== null && !isAbsolute(place) ? 'workspace_dir_relative' : null;
}

/** Where unplaced agents go by the reader's wish; null: to the usual place, or there are none. */
function locationOf(form: RestoreForm, { backup, instance }: Omit<Situation, 'role'>): string | null {
  const asked = unplacedAgents(form, agentsOf(backup, instance, '')).length > 0;
  return (asked && form.workspaceDir.trim()) || null;
}

/** The body of a restore plan, and with a confirmation of a restore. In full mode the archive says what is taken, and nobody else may. */
export function selectionOf(form: RestoreForm, situation: Omit<Situation, 'role'>): SelectionBody {
  const { backup } = situation;
  return {
    mode: form.mode,
    ...(form.mode === 'custom' && {
      agent_ids: [...form.agents],
      include_global_config: form.modules.has('global_config'),
      include_skill_pool: form.modules.has('skill_pool'),
      include_secrets: form.modules.has('secrets'),
    }),
    default_workspace_dir: locationOf(form, situation),
    preserve_local_protected_config: isForeign(backup) && takesConfig(form, backup) ? form.preserveLocal : null,
    trust_mode: form.trust,
    ...(form.clean && { clean: true }),
    ...(form.outwardLinks && isForeign(backup) && { outward_links: 'keep' as const }),
  };
}

/**
 * What has to be vouched for before the backup is restored; null where its signature is ours or not checked yet. The signature of a damaged
 * archive proves nothing either way: only the plan, which looks at the manifest alone, can tell whose it is.
 */
export function trustNeeded({ trust, verified }: BackupDetail): TrustMode | null {
  if (trust === 'unsigned') return 'legacy';
  return (trust === 'mismatch' && verified !== 'damaged') || trust === 'unknown_scheme' ? 'foreign' : null;
}

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
