import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  archiveSignature,
  type ArchiveReader,
  loadSigningKey,
  manifestSignatureState,
  openArchive,
  type RewindableHmac,
  sameSignature,
  type SignedMeta,
  startArchiveSignature,
} from '@pawvault/archive';
import {
  DomainError,
  META_VERSION,
  type RestorePayload,
  type RestoreResult,
  type TrustState,
} from '@pawvault/contracts';
import {
  acquireFileLock,
  begin,
  commit,
  discard,
  errnoOf,
  type FileLock,
  fsyncDirectory,
  readJournal,
  removeTree,
  rollBack,
  type SwapStep,
  type SwapTransaction,
  toDomainError,
} from '@pawvault/durable-fs';
import type { StoredBackup } from '@pawvault/store';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { ProgressMeter } from '../progress-meter';
import { checkManifest, type ManifestCheck } from '../verify/manifest-check';
import { openWorkDir } from '../work-dir';
import { completedRestore, recordRestore } from './completed-restores';
import { planRestore } from './plan/plan-restore';
import type { PreparedPlan } from './plan/prepared-plan';
import { decideTrust } from './plan/trust-decision';
import { backUpFirst, restoreProgress } from './pre-restore-backup';
import { quiesce, type QuiesceAdapter, resume } from './quiesce';
import { journalPathOf, lockPathOf, recoverLocked } from './recover-instance';
import { beginResigning, type Resigning } from './resign-archive';
import { restoreResult } from './restore-result';
import { checkSpace, stageAll, type StagedTarget } from './stage';
import { layOut } from './target-layout';

export interface RestoreOptions {
  quiesce: QuiesceAdapter;
  /** Stops the process where a test wants it stopped. */
  onStep?: SwapStep;
  /** How long to wait for whoever holds the instance; 30 s unless told otherwise. */
  lockMs?: number;
}

const LOCK_MS = 30_000;
const QUIESCE_MS = 120_000;
/** A target that turns out to be unmovable is staged again in another way; each round can find one more. */
const MOST_ROUNDS = 4;

/**
 * Restores a backup, all of it or nothing: preflight → plan → backup first → quiesce → lock → stage → commit → discard → resume.
 * Delivered twice, it restores once. A cancel is honoured until the commit begins.
 * @throws DomainError with the code of what stood against it; then every target is what it was
 */
export async function restoreBackup(
  deps: EngineDeps,
  payload: RestorePayload,
  context: JobContext,
  options: RestoreOptions,
): Promise<RestoreResult> {
  const started = performance.now();
  const earlier = await completedRestore(deps.directories.backup_dir, context.jobId);
  if (earlier !== null) return earlier;
  context.signal.throwIfAborted();
  try {
    await refuseDrift(deps, payload, context);
    const preRestoreId = await backUpFirst(deps, payload, context);
    const quiesceOptions = { timeoutMs: QUIESCE_MS, signal: context.signal };
    await quiesce(options.quiesce, quiesceOptions);
    try {
      return await underLock(deps, { context, timeoutMs: options.lockMs ?? LOCK_MS }, (lock) =>
        restoreLocked(deps, { payload, context, lock, preRestoreId, started, onStep: options.onStep }),
      );
    } finally {
      const failure = await resume(options.quiesce, { ...quiesceOptions, signal: new AbortController().signal });
      if (failure !== null)
        context.warn({ code: 'RESUME_FAILED', message: `QwenPaw was not started again: ${failure}` });
    }
  } catch (error) {
    if (!(error instanceof DomainError)) context.signal.throwIfAborted();
    throw toDomainError(error);
  }
}

/** The plan that the user has seen must be the one that is carried out. */
async function refuseDrift(deps: EngineDeps, payload: RestorePayload, context: JobContext): Promise<void> {
  const archive = await openChecked(deps, payload);
  try {
    const { plan } = await planRestore(deps, archive.reader, payload, { signal: context.signal, trust: archive.trust });
    if (payload.plan_hash === null || payload.plan_hash === plan.plan_hash) return;
    throw new DomainError('RESTORE_PLAN_DRIFTED', undefined, { plan_hash: plan.plan_hash });
  } finally {
    await archive.reader.close();
  }
}

interface CheckedArchive {
  backup: StoredBackup;
  reader: ArchiveReader;
  meta: SignedMeta;
  key: Buffer | null;
  trust: TrustState;
}

/** @throws DomainError BACKUP_NOT_FOUND, ARCHIVE_*, ARCHIVE_VERSION_UNSUPPORTED and the codes of trust */
async function openChecked(
  deps: EngineDeps,
  payload: Pick<RestorePayload, 'backup_id' | 'trust_mode'>,
): Promise<CheckedArchive> {
  const backup = await deps.store.find(payload.backup_id);
  const reader = await openArchive(backup.path, deps.limits);
  try {
    const meta = await reader.meta(deps.limits);
    if (meta.version !== META_VERSION)
      throw new DomainError('ARCHIVE_VERSION_UNSUPPORTED', undefined, { version: meta.version });
    const key = await loadSigningKey(deps.directories.backup_dir);
    const trust = await manifestSignatureState(reader, meta, key);
    decideTrust(trust, payload.trust_mode);
    return { backup, reader, meta, key, trust };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

async function underLock<T>(
  deps: EngineDeps,
  wait: { context: JobContext; timeoutMs: number },
  act: (lock: FileLock) => Promise<T>,
): Promise<T> {
  const { timeoutMs } = wait;
  const lock = await acquireFileLock(lockPathOf(deps), { timeoutMs, signal: wait.context.signal });
  try {
    return await act(lock);
  } finally {
    await lock.release();
  }
}

interface LockedRestore {
  payload: RestorePayload;
  context: JobContext;
  lock: FileLock;
  preRestoreId: string | null;
  started: number;
  onStep: SwapStep | undefined;
}

async function restoreLocked(deps: EngineDeps, restore: LockedRestore): Promise<RestoreResult> {
  await recoverLocked(deps);
  // A predecessor may have committed between this job's start and its lock.
  const earlier = await completedRestore(deps.directories.backup_dir, restore.context.jobId);
  if (earlier !== null) return earlier;
  const archive = await openChecked(deps, restore.payload);
  try {
    const unmovable = new Set<string>();
    for (let round = 1; ; round++) {
      try {
        return await restoreOnce(deps, { ...restore, archive, unmovable });
      } catch (error) {
        const stuck = unmovableOf(error);
        if (stuck === null || unmovable.has(stuck) || round === MOST_ROUNDS) throw error;
        unmovable.add(stuck);
      }
    }
  } finally {
    await archive.reader.close();
  }
}

/** The path that a rename has refused to move although it does not look like a mount point. */
function unmovableOf(error: unknown): string | null {
  if (!['EBUSY', 'EXDEV'].includes(errnoOf(error) ?? '')) return null;
  const { path, syscall } = error as NodeJS.ErrnoException;
  return syscall === 'rename' && path !== undefined ? path : null;
}

interface Attempt extends LockedRestore {
  archive: CheckedArchive;
  unmovable: ReadonlySet<string>;
}

async function restoreOnce(deps: EngineDeps, attempt: Attempt): Promise<RestoreResult> {
  const { payload, context, archive, lock } = attempt;
  const { reader } = archive;
  const prepared = await planRestore(deps, reader, payload, { signal: context.signal, trust: archive.trust });
  const laidOut = await layOutAll(prepared, attempt.unmovable);
  await checkSpace(laidOut.directories, ({ kind, id }) => bytesOf(prepared, kind, id));
  const manifest = await checkManifest(reader, ({ code, path, message }) => {
    throw new DomainError('BACKUP_INVALID', message, { problem: { code, path, message } });
  });
  const signing = await chooseSignatures(deps, archive, payload);
  const result = restoreResult(prepared, { preRestoreId: attempt.preRestoreId, started: attempt.started });
  const note = { job_id: context.jobId, result };
  const targets = [
    ...laidOut.directories.map(({ swap }) => swap),
    ...(laidOut.config === null ? [] : [laidOut.config]),
  ];
  const transaction = await begin(journalPathOf(deps), { id: laidOut.id, targets, note });
  let meter: ProgressMeter;
  try {
    meter = await stage(deps, { attempt, prepared, laidOut, manifest, signing, reader });
    await settleTrust(deps, { archive, signing, payload, context });
    result.saved_master_key = await saveMasterKey(deps, prepared);
    context.signal.throwIfAborted();
  } catch (error) {
    await rollBack(transaction);
    throw error;
  }
  // From here on a cancel comes too late, and whoever asks for one can see it.
  meter.enter('committing', null);
  await commit(transaction, {
    isOwner: () => isOwner(transaction, lock),
    ...(attempt.onStep ? { onStep: attempt.onStep } : {}),
  });
  meter.enter('finishing');
  return finish(deps, { transaction, result, context });
}

/** Lock and journal must both still be ours: a process that was frozen may wake up after its successor has recovered. */
async function isOwner(transaction: SwapTransaction, lock: FileLock): Promise<boolean> {
  const journal = await readJournal(transaction.journalPath);
  return lock.held() && journal?.id === transaction.journal.id;
}

/** Behind the commit point nothing may fail the restore any more: what cannot be tidied up is a warning. */
async function finish(
  deps: EngineDeps,
  done: { transaction: SwapTransaction; result: RestoreResult; context: JobContext },
): Promise<RestoreResult> {
  const { transaction, result, context } = done;
  try {
    await recordRestore(deps.directories.backup_dir, context.jobId, result);
    const stuck = await discard(transaction);
    if (stuck.length > 0) {
      context.warn({
        code: 'LEFTOVERS',
        message: 'Former content could not be removed yet; the next start tries again',
        details: { paths: stuck },
      });
    }
  } catch (error) {
    context.warn({
      code: 'CLEAN_UP_PENDING',
      message: 'The restore is done; tidying up goes on when a worker starts',
      details: { reason: String(error) },
    });
  }
  return result;
}

interface LaidOut {
  id: string;
  directories: StagedTarget[];
  config: StagedTarget['swap'] | null;
}

async function layOutAll(prepared: PreparedPlan, unmovable: ReadonlySet<string>): Promise<LaidOut> {
  const id = randomBytes(4).toString('hex');
  const directories: StagedTarget[] = [];
  for (const [i, target] of prepared.targets.entries()) {
    const request = {
      destination: target.destination,
      type: 'directory' as const,
      keepInside: target.keepInside,
      attributes: null,
    };
    directories.push({ target, swap: await layOut(request, i, { id, unmovable }) });
  }
  if (prepared.config === null) return { id, directories, config: null };
  const request = { destination: prepared.configPath, type: 'file' as const, keepInside: [], attributes: null };
  return { id, directories, config: await layOut(request, directories.length, { id, unmovable }) };
}

function bytesOf({ plan }: PreparedPlan, kind: string, id: string | null): number {
  const part =
    kind === 'agent'
      ? plan.agents.find((agent) => agent.id === id)
      : plan.modules.find(({ module }) => module === kind);
  return part?.changes.bytes ?? 0;
}

interface Signing {
  /** Computed over the content as it is staged, to be held against the archive's own; null where the manifest proves it already. */
  claimed: RewindableHmac | null;
  /** For an archive that is not ours and was accepted. */
  resigning: Resigning | null;
}

async function chooseSignatures(deps: EngineDeps, archive: CheckedArchive, payload: RestorePayload): Promise<Signing> {
  const { trust, key, meta, reader } = archive;
  const accepted = decideTrust(trust, payload.trust_mode) === 'accept';
  if (accepted) return { claimed: null, resigning: await beginResigning(deps, reader) };
  if (trust === 'valid') return { claimed: null, resigning: null };
  const claimed = startArchiveSignature(key ?? Buffer.alloc(32), meta.canonical);
  return { claimed, resigning: payload.trust_mode === 'foreign' ? await beginResigning(deps, reader) : null };
}

/** @returns the meter, for what comes behind the staging */
async function stage(
  deps: EngineDeps,
  work: {
    attempt: Attempt;
    prepared: PreparedPlan;
    laidOut: LaidOut;
    manifest: ManifestCheck;
    signing: Signing;
    reader: ArchiveReader;
  },
): Promise<ProgressMeter> {
  const { attempt, prepared, laidOut, manifest, signing, reader } = work;
  const { payload, context } = attempt;
  const signatures = [signing.claimed, signing.resigning?.signature].filter(
    (hmac) => hmac !== null && hmac !== undefined,
  );
  const bytes = signatures.length > 0 ? reader.entries.reduce((sum, { size }) => sum + size, 0) : prepared.plan.bytes;
  const meter = new ProgressMeter(
    { bytes, files: 0, agents: prepared.plan.agents.length },
    restoreProgress(payload, context),
  );
  meter.enter('staging', null);
  const { directories, config } = laidOut;
  await stageAll(deps, reader, { prepared, directories, config, facts: manifest.facts, signatures, context, meter });
  return meter;
}

/** With all content read, the archive's own signature is right or it is not; an accepted archive is signed anew before it goes live. */
async function settleTrust(
  deps: EngineDeps,
  {
    archive,
    signing,
    payload,
    context,
  }: { archive: CheckedArchive; signing: Signing; payload: RestorePayload; context: JobContext },
): Promise<void> {
  const { claimed, resigning } = signing;
  const proven = claimed !== null && sameSignature(archiveSignature(claimed), archive.meta.signature ?? '');
  if (claimed !== null && !proven) decideTrust('mismatch', payload.trust_mode);
  if (resigning === null || proven) return;
  const workDir = await openWorkDir(deps.directories.backup_dir, context.jobId);
  try {
    await resigning.publish(archive.backup.path, { workDir, signal: context.signal });
  } finally {
    await removeTree(workDir).catch(() => undefined);
  }
}

/** The only copy of a master key must never depend on one restore going well. */
async function saveMasterKey(deps: EngineDeps, { plan }: PreparedPlan): Promise<string | null> {
  if (!plan.replaces_master_key) return null;
  const directory = join(deps.directories.backup_dir, '_pre_restore_keys');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const target = join(
    directory,
    `${deps
      .clock()
      .toISOString()
      .replace(/[-:]|\.\d+/g, '')}.master_key.bak`,
  );
  await copyFile(join(deps.directories.secret_dir, '.master_key'), target);
  const handle = await open(target, 'r+');
  try {
    await handle.chmod(0o600);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await fsyncDirectory(directory);
  return target;
}
