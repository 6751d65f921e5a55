import type { JobWarning, VerifyPayload, VerifyResult } from '@pawvault/contracts';
import { toDomainError } from '@pawvault/durable-fs';
import type { StoredBackup } from '@pawvault/store';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { type ArchiveProof, proveArchive } from './prove-archive';

/**
 * Proves the archive of a backup, see {@link proveArchive}. The outcome is recorded for exactly these bytes.
 * @throws DomainError BACKUP_NOT_FOUND, BACKUP_ID_INVALID; system errors with their codes. Damage is a result, not an error.
 */
export async function verifyBackup(
  deps: EngineDeps,
  payload: VerifyPayload,
  context: JobContext,
): Promise<VerifyResult> {
  const started = performance.now();
  const backup = await deps.store.find(payload.backup_id);
  const proof = await prove(deps, backup, context);
  const state = proof.problemCount === 0 ? 'ok' : 'damaged';
  const { trust } = proof;
  proof.warnings.forEach((warning) => context.warn(warning));
  if (proof.manifest !== null && trust !== 'valid') context.warn(trustWarning(trust));
  await deps.store.recordVerification(backup, { state, trust, at: deps.clock().toISOString(), job_id: context.jobId });
  return {
    backup_id: backup.id,
    state,
    entries: proof.entries,
    bytes: proof.bytes,
    trust,
    manifest: proof.manifest ?? (backup.hasManifest ? 'damaged' : 'absent'),
    problems: proof.problems,
    problem_count: proof.problemCount,
    duration_ms: Math.round(performance.now() - started),
  };
}

async function prove(deps: EngineDeps, backup: StoredBackup, context: JobContext): Promise<ArchiveProof> {
  try {
    return await proveArchive(deps, backup.source, { context, extent: 'everything' });
  } catch (error) {
    context.signal.throwIfAborted();
    throw toDomainError(error, backup.path);
  }
}

const trustWarning = (trust: VerifyResult['trust']): JobWarning => {
  const meaning = {
    valid: 'The archive is signed with the local key',
    unsigned: 'The archive is not signed: nothing proves who made it',
    mismatch: 'The archive was signed with another key, or changed since it was signed',
    unknown_scheme: 'The signature of the archive is of an unknown kind',
  };
  return { code: `TRUST_${trust.toUpperCase()}`, message: meaning[trust] };
};
