import {
  type AgentSelection,
  type BackupKind,
  type BackupScope,
  type ImportView,
  isErrorCode,
  type JobView,
  type RestorePlan,
  type RestoreSelection,
} from '@pawvault/contracts';
import type { AcceptBody } from '../imports/import-state';
import { answer, api } from './client';

/** The body of POST /backups. */
export interface CreateBody {
  name: string;
  description: string;
  mode: BackupKind;
  scope?: BackupScope;
  agents: AgentSelection;
}

/** What became of one backup of a batch; `error` says why it is still there. */
export interface Deletion {
  id: string;
  error: { code: string; message: string } | null;
}

export const createBackup = async (body: CreateBody): Promise<JobView> =>
  await answer(api.POST('/api/v1/backups', { body }));

export const verifyBackup = async (id: string): Promise<JobView> =>
  await answer(api.POST('/api/v1/backups/{id}/verify', { params: { path: { id } } }));

export const renameBackup = async (id: string, body: { name: string; description: string }): Promise<JobView> =>
  await answer(api.PATCH('/api/v1/backups/{id}', { params: { path: { id } }, body }));

export async function deleteBackups(ids: string[]): Promise<Deletion[]> {
  const { results } = await answer(api.POST('/api/v1/backups/batch-delete', { body: { ids } }));
  // Somebody else may have deleted one meanwhile: it is gone, as was wanted.
  const gone = (code: string): boolean => isErrorCode(code) && code === 'BACKUP_NOT_FOUND';
  return results.map(({ id, error }) => ({ id, error: error === null || gone(error.code) ? null : error }));
}

export const cancelJob = async (id: string): Promise<JobView> =>
  await answer(api.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id } } }));

/** The body of POST /backups/{id}/restore-plan. */
export type SelectionBody = Partial<RestoreSelection> & Pick<RestoreSelection, 'mode'>;

/** Compares the backup with what is there now; changes nothing. */
export const planRestore = (id: string, body: SelectionBody): Promise<RestorePlan> =>
  answer(api.POST('/api/v1/backups/{id}/restore-plan', { params: { path: { id } }, body }));

export interface Confirmed extends SelectionBody {
  pre_restore_backup: boolean;
  /** Of the plan that was confirmed. */
  plan_hash: string;
}

export const startRestore = async (id: string, body: Confirmed): Promise<JobView> =>
  await answer(
    api.POST('/api/v1/backups/{id}/restores', { params: { path: { id } }, body: { ...body, confirm: true } }),
  );

export const acceptImport = (id: string, body: AcceptBody): Promise<ImportView> =>
  answer(api.POST('/api/v1/imports/{id}/accept', { params: { path: { id } }, body }));

export async function discardImport(id: string): Promise<void> {
  await answer(api.DELETE('/api/v1/imports/{id}', { params: { path: { id } } }));
}
