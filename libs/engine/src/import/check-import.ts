import {
  DomainError,
  type ImportCheck,
  type ImportConflict,
  type ImportView,
  type TrustMode,
} from '@pawvault/contracts';
import { toDomainError } from '@pawvault/durable-fs';
import { type ImportRecord, type Quarantine, toBackupMeta, toImportView } from '@pawvault/store';
import type { ImportCheckPayload } from '@pawvault/contracts';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { type ArchiveProof, proveArchive } from '../verify/prove-archive';
import { findConflict } from './find-conflict';
import { publishImport } from './publish-import';

const TRUST_NEEDED = { unsigned: 'legacy', mismatch: 'foreign', unknown_scheme: 'foreign' } as const satisfies Record<
  Exclude<ArchiveProof['trust'], 'valid'>,
  TrustMode
>;

/**
 * Proves an archive in quarantine. A sound one that nobody has to decide about becomes a backup at once; one that is not sound is rejected
 * and its file removed. Delivered twice, it ends the same.
 * @throws DomainError IMPORT_NOT_FOUND, and of the file system; what is wrong with the archive is a result
 */
export async function checkImport(
  deps: EngineDeps,
  { import_id: id }: ImportCheckPayload,
  context: JobContext,
): Promise<ImportView> {
  const { quarantine } = deps;
  const record = await quarantine.get(id);
  // Otherwise somebody has decided since, and another job publishes it.
  if (record.state === 'accepting' && record.job_id === context.jobId)
    return toImportView(await publishImport(deps, { record, overwrite: false, trustMode: null }, context));
  if (record.state === 'accepted' || record.state === 'rejected') await quarantine.dropArchive(id);
  if (record.state !== 'checking') return toImportView(record);
  const proof = await prove(deps, quarantine.archivePath(id), context);
  context.signal.throwIfAborted();
  if (proof.problemCount > 0 || proof.meta === null) return toImportView(await reject(quarantine, id, proof));
  return toImportView(await settle(deps, { record, proof, context }));
}

async function prove(deps: EngineDeps, path: string, context: JobContext): Promise<ArchiveProof> {
  try {
    return await proveArchive(deps, path, { context, extent: 'first-problem' });
  } catch (error) {
    context.signal.throwIfAborted();
    throw toDomainError(error, path);
  }
}

async function reject(quarantine: Quarantine, id: string, proof: ArchiveProof): Promise<ImportRecord> {
  const meta = proof.meta === null ? null : toBackupMeta(proof.meta);
  const report = [...proof.checks, skippedConflict()];
  const rejected = await quarantine.update(id, { state: 'rejected', meta, report, expires_at: quarantine.expiry() });
  await quarantine.dropArchive(id);
  return rejected;
}

async function settle(
  deps: EngineDeps,
  { record, proof, context }: { record: ImportRecord; proof: ArchiveProof; context: JobContext },
): Promise<ImportRecord> {
  const { quarantine } = deps;
  if (proof.meta === null) throw new DomainError('INTERNAL_ERROR');
  const conflict = await findConflict(deps.store, proof.meta.id);
  const needed = proof.trust === 'valid' ? null : TRUST_NEEDED[proof.trust];
  const vouchedFor = needed === null || needed === record.upload_trust_mode;
  const known = {
    meta: toBackupMeta(proof.meta),
    report: [...proof.checks, conflictCheck(conflict)],
    conflict: conflict?.view ?? null,
    trust_needed: needed,
  };
  if (conflict !== null || !vouchedFor)
    return quarantine.update(record.id, { ...known, state: 'needs_decision', expires_at: quarantine.expiry() });
  const accepting = await quarantine.update(record.id, { ...known, state: 'accepting' });
  return publishImport(deps, { record: accepting, overwrite: false, trustMode: record.upload_trust_mode }, context);
}

const skippedConflict = (): ImportCheck => ({
  name: 'conflict',
  state: 'skipped',
  code: null,
  entry: null,
  message: null,
});

function conflictCheck(conflict: { view: ImportConflict } | null): ImportCheck {
  if (conflict === null) return { ...skippedConflict(), state: 'passed' };
  const { code, message } = new DomainError('BACKUP_EXISTS');
  return { name: 'conflict', state: 'decision', code, entry: null, message };
}
