import {
  archiveSignature,
  ARCHIVE_SCHEME,
  type ArchiveLimits,
  type ArchiveReader,
  headerForm,
  loadSigningKey,
  manifestSignatureState,
  openArchive,
  sameSignature,
  type SignedMeta,
  startArchiveSignature,
} from '@pawvault/archive';
import {
  DomainError,
  type JobWarning,
  type VerifyPayload,
  type VerifyProblem,
  type VerifyResult,
} from '@pawvault/contracts';
import { toDomainError } from '@pawvault/durable-fs';
import type { StoredBackup } from '@pawvault/store';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { ProgressMeter } from '../progress-meter';
import { checkManifest } from './manifest-check';
import { proveContent } from './prove-content';

const REPORTED_PROBLEMS = 100;
/** A key of the right form for archives that nobody here could have signed: content is proven all the same. */
const NO_KEY = Buffer.alloc(32);

/**
 * Proves an archive: structure, every entry against size, CRC and sha256, the manifest against the directory, and both signatures. The
 * outcome is recorded for exactly these bytes.
 * @throws DomainError BACKUP_NOT_FOUND, BACKUP_ID_INVALID; system errors with their codes. Damage is a result, not an error.
 */
export async function verifyBackup(
  deps: EngineDeps,
  payload: VerifyPayload,
  context: JobContext,
): Promise<VerifyResult> {
  const started = performance.now();
  const backup = await deps.store.find(payload.backup_id);
  const ledger = new ProblemLedger();
  let outcome: Pick<VerifyResult, 'entries' | 'bytes' | 'trust' | 'manifest'>;
  try {
    outcome = await prove(deps, backup, { context, ledger });
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof DomainError)) throw toDomainError(error, backup.path);
    // The archive could not even be opened: that is the finding.
    ledger.add({ code: error.code, path: entryOf(error), message: error.message });
    outcome = { entries: 0, bytes: 0, trust: 'mismatch', manifest: backup.hasManifest ? 'damaged' : 'absent' };
  }
  const state = ledger.count === 0 ? 'ok' : 'damaged';
  await deps.store.recordVerification(backup, {
    state,
    trust: outcome.trust,
    at: deps.clock().toISOString(),
    job_id: context.jobId,
  });
  return {
    backup_id: backup.id,
    state,
    ...outcome,
    problems: ledger.first,
    problem_count: ledger.count,
    duration_ms: Math.round(performance.now() - started),
  };
}

async function prove(
  deps: EngineDeps,
  backup: StoredBackup,
  job: { context: JobContext; ledger: ProblemLedger },
): Promise<Pick<VerifyResult, 'entries' | 'bytes' | 'trust' | 'manifest'>> {
  const { context, ledger } = job;
  const reader = await openArchive(backup.path, deps.limits);
  try {
    const meta = await reader.meta(deps.limits);
    const bytes = reader.entries.reduce((sum, entry) => sum + entry.size, 0);
    const files = reader.entries.filter(({ type }) => type !== 'directory').length;
    const meter = new ProgressMeter({ bytes, files, agents: 0 }, (progress) => context.onProgress(progress));
    meter.enter('verifying', meta.name);
    const onProblem = ledger.add.bind(ledger);
    const manifest = await checkManifest(reader, onProblem);
    const ownHeaders = manifest.state !== 'absent' && (await checkHeaders(reader, deps.limits, onProblem));
    const key = await loadSigningKey(deps.directories.backup_dir);
    const signature = startArchiveSignature(key ?? NO_KEY, meta.canonical);
    await proveContent(reader, {
      pool: deps.pool,
      signal: context.signal,
      expectedHash: (entry) => manifest.facts.get(entry.name)?.sha256?.toString('hex') ?? null,
      signatures: [signature],
      ownHeaders,
      onProblem,
      onProgress: (done) => meter.add(done),
    });
    const trust = await trustOf(reader, { meta, key, computed: archiveSignature(signature) });
    if (trust !== 'valid') context.warn(trustWarning(trust));
    return { entries: reader.entries.length, bytes, trust, manifest: manifest.state };
  } finally {
    await reader.close();
  }
}

/** @returns whether the headers are to be held to the form in which PawVault writes them */
async function checkHeaders(
  reader: ArchiveReader,
  limits: ArchiveLimits,
  onProblem: (problem: VerifyProblem) => void,
): Promise<boolean> {
  const form = await headerForm(reader, limits);
  for (const path of form.deviating)
    onProblem({ code: 'ARCHIVE_HEADER_MISMATCH', path, message: 'the record in the zip directory was changed' });
  return form.own;
}

/** Both signatures must agree: one that was cut off or forged must not hide behind the other. */
async function trustOf(
  reader: ArchiveReader,
  proof: { meta: SignedMeta; key: Buffer | null; computed: string },
): Promise<VerifyResult['trust']> {
  const { meta, key, computed } = proof;
  if (meta.signature === null) return 'unsigned';
  if (!meta.signature.startsWith(`${ARCHIVE_SCHEME}:`)) return 'unknown_scheme';
  if (key === null || !sameSignature(meta.signature, computed)) return 'mismatch';
  // A QwenPaw that re-signs drops the manifest signature; then the archive signature alone decides.
  if (meta.manifest_signature === null) return 'valid';
  const state = await manifestSignatureState(reader, meta, key);
  return state === 'unchecked' ? 'valid' : state;
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

const entryOf = (error: DomainError): string | null =>
  typeof error.details['entry'] === 'string' ? error.details['entry'] : null;

/** Remembers the first problems and counts the rest. */
class ProblemLedger {
  readonly first: VerifyProblem[] = [];
  count = 0;

  add(problem: VerifyProblem): void {
    this.count += 1;
    if (this.first.length < REPORTED_PROBLEMS) this.first.push(problem);
  }
}
