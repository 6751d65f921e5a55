import { randomBytes } from 'node:crypto';
import { DomainError, type RestorePayload, type RestorePlanPayload } from '@pawvault/contracts';
import type { RestoreBody, RestorePlanBody } from './restore.body';

/** What narrows a restore down; a full one takes all of it. */
const NARROWING = ['agent_ids', 'include_global_config', 'include_skill_pool', 'include_secrets'] as const;

/** @throws DomainError VALIDATION_FAILED for a full restore of a part, NOTHING_SELECTED for a custom one of nothing */
export function planPayload(backupId: string, body: RestorePlanBody): RestorePlanPayload {
  const payload = {
    backup_id: backupId,
    mode: body.mode,
    agent_ids: [...new Set(body.agent_ids)],
    include_global_config: body.include_global_config ?? false,
    include_skill_pool: body.include_skill_pool ?? false,
    include_secrets: body.include_secrets ?? false,
    default_workspace_dir: body.default_workspace_dir ?? null,
    preserve_local_protected_config: body.preserve_local_protected_config ?? null,
    trust_mode: body.trust_mode ?? null,
    // Only what differs from the default: a worker of an earlier version knows neither, and refuses what it does not know.
    ...(body.clean === true && { clean: true }),
    ...(body.outward_links === 'keep' && { outward_links: 'keep' as const }),
  };
  if (body.mode === 'full') refuseNarrowing(body);
  else if (!isAnythingSelected(payload)) throw new DomainError('NOTHING_SELECTED');
  return payload;
}

/**
 * Time and short id of the backup that is made first are fixed here, where the job is accepted: however often it is delivered, there is
 * one.
 * @throws DomainError as `planPayload`
 */
export function restorePayload(backupId: string, body: RestoreBody, at: Date): RestorePayload {
  const first = { created_at: at.toISOString(), short_id: randomBytes(4).toString('hex') };
  return {
    ...planPayload(backupId, body),
    pre_restore_backup: (body.pre_restore_backup ?? true) ? first : null,
    plan_hash: body.plan_hash ?? null,
  };
}

function refuseNarrowing(body: RestorePlanBody): void {
  const fields = NARROWING.filter((field) => body[field] !== undefined);
  if (fields.length === 0) return;
  const message = `A full restore takes everything; leave out ${fields.join(', ')}, or choose mode "custom"`;
  throw new DomainError('VALIDATION_FAILED', message, { fields });
}

const isAnythingSelected = (payload: RestorePlanPayload): boolean =>
  payload.agent_ids.length > 0 ||
  payload.include_global_config ||
  payload.include_skill_pool ||
  payload.include_secrets;
