import {
  type BackupKind,
  type BackupScope,
  FULL_SCOPE,
  type InstanceView,
  isEmptySelection,
  PARTIAL_SCOPE_DEFAULT,
} from '@pawvault/contracts';
import type { CreateBody } from '../api/actions';
import { sortableMinute } from '../format/instant';

/** The longest that the API takes. */
export const NAME_MAX = 200;
export const DESCRIPTION_MAX = 10_000;

/** What the form for a new backup holds. Choices of the partial kind survive a look at the full one. */
export interface CreateForm {
  name: string;
  description: string;
  mode: BackupKind;
  /** Of the partial kind; whether agents are in it follows from `agents`. */
  modules: Omit<BackupScope, 'include_agents'>;
  /** Ids of the agents that are ticked. */
  agents: ReadonlySet<string>;
}

/** What a part of the page needs that shows and changes a part of the form. */
export interface FormPartProps {
  form: CreateForm;
  onChange: (part: Partial<CreateForm>) => void;
}

/**
 * Full, named by the day, as most people want it. A partial one starts with every agent and without secrets.
 * @param namedBy makes the name of the time: the catalogues have it
 */
export function initialForm(instance: InstanceView, now: Date, namedBy: (time: string) => string): CreateForm {
  const { include_global_config, include_skill_pool, include_secrets } = PARTIAL_SCOPE_DEFAULT;
  return {
    name: namedBy(sortableMinute(now)),
    description: '',
    mode: 'full',
    modules: { include_global_config, include_skill_pool, include_secrets },
    agents: new Set(instance.agents.filter(({ exists }) => exists).map(({ id }) => id)),
  };
}

/** What the form selects; a full backup takes everything. */
export function scopeOf({ mode, modules, agents }: CreateForm): BackupScope {
  return mode === 'full' ? FULL_SCOPE : { ...modules, include_agents: agents.size > 0 };
}

export const takesSecrets = (form: CreateForm): boolean => scopeOf(form).include_secrets;

/** Why the form cannot be sent yet; null when it can. */
export function obstacle(form: CreateForm): 'name_missing' | 'nothing_selected' | null {
  if (form.name.trim() === '') return 'name_missing';
  return isEmptySelection({ scope: scopeOf(form), agents: [...form.agents] }) && form.mode === 'partial'
    ? 'nothing_selected'
    : null;
}

/** Agents are always named one by one, so that the backup holds what was on the screen, whatever appears meanwhile. */
export function bodyOf(form: CreateForm): CreateBody {
  const texts = { name: form.name.trim(), description: form.description.trim() };
  if (form.mode === 'full') return { ...texts, mode: 'full', agents: 'all' };
  return { ...texts, mode: 'partial', scope: scopeOf(form), agents: [...form.agents] };
}

/** Bytes that the backup will read. Its archive is smaller, by how much only packing tells. */
export function estimatedBytes(form: CreateForm, { agents, modules }: InstanceView): number {
  const scope = scopeOf(form);
  const taken = agents.filter(({ id }) => form.mode === 'full' || form.agents.has(id));
  const parts = [
    ...taken.map((agent) => agent.bytes),
    scope.include_global_config ? modules.global_config.bytes : 0,
    scope.include_skill_pool ? modules.skill_pool.bytes : 0,
    scope.include_secrets ? modules.secrets.bytes : 0,
  ];
  return parts.reduce((sum, bytes) => sum + bytes, 0);
}

/** Whether a backup that reads so many bytes surely fits; where it does not, it may still fit when it compresses well. */
export const fitsSurely = (
  bytes: number,
  { backup_dir_free_bytes }: Pick<InstanceView, 'backup_dir_free_bytes'>,
): boolean => bytes <= backup_dir_free_bytes;
