import type { ArchiveReader } from '@pawvault/archive';
import { DomainError, type RestorePayload, type RestoreResult } from '@pawvault/contracts';
import {
  begin,
  commit,
  discard,
  errnoOf,
  type FileLock,
  knownPath,
  NotTheSameDirectory,
  rollBack,
  type SwapStep,
  type SwapTransaction,
  targetChanged,
  toDomainError,
  writtenJournal,
} from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { ProgressMeter } from '../progress-meter';
import { invalidBackup } from '../verify/invalid-backup';
import { checkManifest, type ManifestCheck } from '../verify/manifest-check';
import { chooseSignatures, settleTrust, type Signing } from './archive-trust';
import { checkTargets } from './check-targets';
import { type CheckedArchive, openChecked } from './checked-archive';
import { completedRestore, recordRestore } from './completed-restores';
import { journalAuthority } from './journal-authority';
import { keepPlanPaths } from './keep-plan-paths';
import { layOutPlan } from './lay-out-plan';
import { planRestore } from './plan/plan-restore';
import type { PreparedPlan } from './plan/prepared-plan';
import { backUpFirst, restoreProgress } from './pre-restore-backup';
import { quiesce, type QuiesceAdapter, type Resume, resume, resumeForgotten } from './quiesce';
import { type LockedInstance, recoverLocked } from './recover-instance';
import { restoreResult } from './restore-result';
import { saveMasterKey } from './save-master-key';
import { stageAll } from './stage';
import { inWorkingDirectory, underLock } from './hold-instance';

export interface RestoreOptions {
  quiesce: QuiesceAdapter;
  /** Stops the process where a test wants it stopped. */
  onStep?: SwapStep;
  /** How long to wait for whoever holds the instance; 30 s unless told otherwise. */
  lockMs?: number;
  /** How long QwenPaw may take to come to rest, and again to be woken; two minutes unless told otherwise. */
  quiesceMs?: number;
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
  const { backup_dir: backupDir } = deps.directories;
  const rest = { backupDir, timeoutMs: options.quiesceMs ?? QUIESCE_MS, signal: context.signal };
  let wake: Resume = () => resumeForgotten(options.quiesce, rest);
  try {
    const earlier = await completedRestore(backupDir, context.jobId);
    if (earlier !== null) {
      // The job comes again after its worker died behind the commit point: QwenPaw is still asleep then.
      wake = () => resume(options.quiesce, rest);
      return earlier;
    }
    context.signal.throwIfAborted();
    const undisturbed = payload.pre_restore_backup === null && options.quiesce.kind === 'none';
    const prepared = undisturbed ? null : await preflight(deps, payload, context);
    const preRestoreId = await backUpFirst(deps, { payload, prepared }, context);
    wake = await quiesce(options.quiesce, rest);
    const known = { payload, context, preRestoreId, started, undisturbed, onStep: options.onStep };
    const wait = { timeoutMs: options.lockMs ?? LOCK_MS, signal: context.signal };
    return await inWorkingDirectory(deps, payload, () =>
      underLock(deps, wait, (locked) => restoreLocked(deps, { ...known, ...locked })),
    );
  } catch (error) {
    // A cancel must not hide what went wrong behind the commit point, or while rolling back.
    if (error instanceof Error && error.name === 'AbortError') context.signal.throwIfAborted();
    throw toDomainError(asExchanged(error));
  } finally {
    await wakeUp(wake, context);
  }
}

/** A directory that is another one by now, wherever that was noticed. */
function asExchanged(error: unknown): unknown {
  if (errnoOf(error) !== 'ESTALE') return error;
  const { path } = error as NodeJS.ErrnoException;
  return new DomainError('RESTORE_TARGET_CHANGED', undefined, path === undefined ? {} : { path }, { cause: error });
}

async function wakeUp(wake: Resume, context: JobContext): Promise<void> {
  const failure = await wake();
  if (failure !== null) context.warn({ code: 'RESUME_FAILED', message: `QwenPaw was not started again: ${failure}` });
}

/**
 * What stands against the restore is found before a backup is made or QwenPaw is stopped for it. Without either, the plan that is made under
 * the lock refuses just as well, and comparing every file twice would be a waste.
 */
async function preflight(deps: EngineDeps, payload: RestorePayload, context: JobContext): Promise<PreparedPlan> {
  const archive = await openChecked(deps, payload);
  try {
    const known = { signal: context.signal, trust: archive.trust };
    const prepared = await planRestore(deps, archive.reader, payload, known);
    refuseDrift(payload, prepared.plan.plan_hash);
    await checkTargets(prepared, await layOutPlan(prepared, new Set()));
    return prepared;
  } finally {
    await archive.reader.close();
  }
}

/** The plan that the user has seen must be the one that is carried out. */
function refuseDrift({ plan_hash: seen }: RestorePayload, now: string): void {
  if (seen !== null && seen !== now) throw new DomainError('RESTORE_PLAN_DRIFTED', undefined, { plan_hash: now });
}

interface LockedRestore extends LockedInstance {
  payload: RestorePayload;
  context: JobContext;
  preRestoreId: string | null;
  started: number;
  /** Nothing that this job does itself has touched the instance since it began: stopping QwenPaw makes it write. */
  undisturbed: boolean;
  onStep: SwapStep | undefined;
}

async function restoreLocked(deps: EngineDeps, restore: LockedRestore): Promise<RestoreResult> {
  await recoverLocked(deps, restore.journalPath);
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
  return syscall === 'rename' && path !== undefined ? knownPath(path) : null;
}

interface Attempt extends LockedRestore {
  archive: CheckedArchive;
  unmovable: ReadonlySet<string>;
}

async function restoreOnce(deps: EngineDeps, attempt: Attempt): Promise<RestoreResult> {
  const { payload, context, archive, lock } = attempt;
  const { reader } = archive;
  const prepared = await planRestore(deps, reader, payload, { signal: context.signal, trust: archive.trust });
  if (attempt.undisturbed) refuseDrift(payload, prepared.plan.plan_hash);
  const manifest = await checkManifest(reader, (problem) => {
    throw invalidBackup(problem);
  });
  const laidOut = await layOutPlan(prepared, attempt.unmovable).catch(nameChange);
  await checkTargets(prepared, laidOut).catch(nameChange);
  const notKept = await keepPlanPaths(deps, prepared);
  if (notKept !== null) context.warn(notKept);
  const signing = await chooseSignatures(deps, archive, payload);
  const result = restoreResult(prepared, { preRestoreId: attempt.preRestoreId, started: attempt.started });
  const note = { job_id: context.jobId, result };
  const targets = [...laidOut.directories, ...(laidOut.config === null ? [] : [laidOut.config])];
  const authority = journalAuthority(deps);
  const transaction = await begin(attempt.journalPath, { id: laidOut.id, targets, note }, authority);
  let meter: ProgressMeter;
  try {
    meter = await stage(deps, { attempt, prepared, transaction, manifest, signing, reader }).catch(nameChange);
    await settleTrust(deps, { archive, signing, payload, context });
    result.saved_master_key = await saveMasterKey(deps, prepared);
    context.signal.throwIfAborted();
  } catch (error) {
    await rollBack(transaction).catch(nameChange);
    throw error;
  }
  // From here on a cancel comes too late, and the progress shows it.
  meter.enter('committing', null);
  await commit(transaction, {
    isOwner: () => isOwner(transaction, lock),
    ...(attempt.onStep ? { onStep: attempt.onStep } : {}),
  });
  prepared.plan.warnings.forEach((warning) => context.warn(warning));
  meter.enter('finishing');
  return finish(deps, { transaction, result, context });
}

/** What was there for the plan and is not there any more has been exchanged by another program. */
function nameChange(error: unknown): never {
  throw targetChanged(error);
}

/**
 * Lock and journal must both still be ours: a process that was frozen may wake up after its successor has recovered.
 * @throws DomainError RESTORE_TARGET_CHANGED when the journal is gone though the lock is ours: another program has taken it away
 */
async function isOwner(transaction: SwapTransaction, lock: FileLock): Promise<boolean> {
  if (!lock.held()) return false;
  const journal = await writtenJournal(transaction);
  if (journal === null) throw targetChanged(new NotTheSameDirectory(transaction.journalPath));
  return journal.id === transaction.journal.id;
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

/** @returns the meter, for what comes behind the staging */
async function stage(
  deps: EngineDeps,
  work: {
    attempt: Attempt;
    prepared: PreparedPlan;
    transaction: SwapTransaction;
    manifest: ManifestCheck;
    signing: Signing;
    reader: ArchiveReader;
  },
): Promise<ProgressMeter> {
  const { attempt, prepared, transaction, manifest, signing, reader } = work;
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
  await stageAll(deps, reader, { prepared, transaction, facts: manifest.facts, signatures, context, meter });
  return meter;
}
