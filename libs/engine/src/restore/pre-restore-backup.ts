import { FULL_SCOPE, type JobProgress, type RestorePayload } from '@pawvault/contracts';
import { createBackup } from '../create/create-backup';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';

/** The backup and the restore share one bar, half each. */
const SHARE = 0.5;

/**
 * Makes the full backup, secrets included, that undoes the restore, and waits for it: without it the restore does not start.
 * @returns its id, or null when none was asked for
 */
export async function backUpFirst(
  deps: EngineDeps,
  payload: RestorePayload,
  context: JobContext,
): Promise<string | null> {
  if (payload.pre_restore_backup === null) return null;
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
  return (await createBackup(deps, create, inner)).backup_id;
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
