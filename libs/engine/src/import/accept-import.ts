import { DomainError, type ImportAcceptPayload, type ImportView } from '@pawvault/contracts';
import { toImportView } from '@pawvault/store';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { publishImport } from './publish-import';

/**
 * Makes a backup of an import that needed a decision. Delivered twice, it publishes once. What stands against it leaves the import to be
 * decided again.
 * @throws DomainError IMPORT_NOT_FOUND, IMPORT_NOT_DECIDABLE, BACKUP_EXISTS, BACKUP_IN_USE, the codes of trust, DISK_FULL
 */
export async function acceptImport(
  deps: EngineDeps,
  { import_id: id, overwrite, trust_mode: trustMode }: ImportAcceptPayload,
  context: JobContext,
): Promise<ImportView> {
  const { quarantine } = deps;
  const record = await quarantine.get(id);
  if (record.state === 'accepted') {
    // A run before may have died between saying so and tidying up.
    await quarantine.dropArchive(id);
    return toImportView(record);
  }
  const isDecided = record.state === 'needs_decision' || record.state === 'accepting';
  // A job that comes again after somebody has decided anew must not get in the way of the one that carries that out.
  if (!isDecided || record.job_id !== context.jobId)
    throw new DomainError('IMPORT_NOT_DECIDABLE', undefined, { id, state: record.state });
  const accepting = await quarantine.update(id, { state: 'accepting', expires_at: null });
  return toImportView(await publishImport(deps, { record: accepting, overwrite, trustMode }, context));
}
