import { FULL_SCOPE, type JobProgress, type RestorePayload } from '@pawvault/contracts';
import { isPresent } from '@pawvault/durable-fs';
import { createBackup } from '../create/create-backup';
import type { Rescue } from '../create/rescue';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import type { PreparedPlan } from './plan/prepared-plan';

/** The backup and the restore share one bar, half each. */
const SHARE = 0.5;

/**
 * Makes the full backup, secrets included, that undoes the restore, and waits for it: without it the restore does not start.
 * @returns its id, or null when none was asked for
 */
export async function backUpFirst(
  deps: EngineDeps,
  request: { payload: RestorePayload; prepared: PreparedPlan | null },
  context: JobContext,
): Promise<string | null> {
  const { payload, prepared } = request;
  // Where there is no instance yet, there is nothing to go back to.
  if (payload.pre_restore_backup === null || !(await isPresent(deps.directories.working_dir))) return null;
  const name = `[pre-restore] ${payload.backup_id}`;
  const create = {
    name,
    description: '',
    scope: { ...FULL_SCOPE },
    agents: 'all' as const,
    ...payload.pre_restore_backup,
  };
  const inner: JobContext = {
    jobId: `${context.jobId}-pre`,
    signal: context.signal,
    onProgress: scaled(context, { from: 0, phase: 'backing up first: ' }),
    warn: (warning) => context.warn(warning),
    othersUsing: (backupId) => context.othersUsing(backupId),
  };
  return (await createBackup(deps, create, inner, prepared === null ? null : rescueOf(prepared))).backup_id;
}

/** What backups leave out and this restore takes away: without it in the backup, undoing the restore would not bring it back. */
function rescueOf({ targets }: PreparedPlan): Rescue {
  const paths = new Set<string>();
  for (const { prefix, inventory } of targets) {
    for (const path of inventory.overwritten) paths.add(prefix + path);
    for (const { path, rule } of inventory.removed) if (rule !== null) paths.add(prefix + path);
  }
  const agents = targets
    .filter(({ kind, exists }) => kind === 'agent' && exists)
    .map(({ id, destination }) => ({ id: id ?? '', workspaceDir: destination, enabled: true, exists: true }));
  return { paths, agents };
}

/** Progress of the restore itself, behind that of the backup where there is one. */
export const restoreProgress = (payload: RestorePayload, context: JobContext): ((progress: JobProgress) => void) =>
  payload.pre_restore_backup === null
    ? (progress) => context.onProgress(progress)
    : scaled(context, { from: 100 * SHARE, phase: '' });

const scaled =
  (context: JobContext, part: { from: number; phase: string }) =>
  (progress: JobProgress): void =>
    context.onProgress({
      ...progress,
      phase: `${part.phase}${progress.phase}`,
      percent: part.from + progress.percent * SHARE,
    });
