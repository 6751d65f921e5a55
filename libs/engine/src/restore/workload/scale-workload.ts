import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@pawvault/contracts';
import { type FileLock } from '@pawvault/durable-fs';
import {
  type KubernetesAccess,
  nameOfWorkload,
  readScale,
  runningPods,
  setReplicas,
  type Workload,
} from './kubernetes-api';
import { forgetRested, lockRest, readRested, rememberRested, type RestedWorkload } from './rested-workload';

/** QwenPaw as a workload of Kubernetes that is scaled to zero for a restore. */
export interface ScaledWorkload {
  access: KubernetesAccess;
  workload: Workload;
}

export interface ScaleOptions {
  backupDir: string;
  timeoutMs: number;
  signal: AbortSignal;
}

const LOCK_MS = 30_000;
const POLL_MS = 500;

/**
 * Scales the workload to zero and waits until its pods are gone. The number of replicas is on disk before they are taken away; it is an
 * earlier one where a crashed worker has left it. A workload that is at zero already stays there afterwards, too.
 * @returns a function that scales it up again, to be called in any case
 * @throws DomainError RESTORE_QUIESCE_FAILED, restore_target_busy, STATE_FILE_UNTRUSTED; it is scaled up again then, as far as that is possible
 */
export async function restWorkload(scaled: ScaledWorkload, options: ScaleOptions): Promise<() => Promise<void>> {
  const lock = await lockRest(options.backupDir, { timeoutMs: LOCK_MS, signal: options.signal });
  const wake = (): Promise<void> => wakeUnderLock(scaled, lock, options);
  try {
    await rest(scaled, options);
    return wake;
  } catch (error) {
    // What stood against it is the news; that it could not be undone either is tried again by the next worker and the next job.
    await wake().catch(() => undefined);
    options.signal.throwIfAborted();
    throw error;
  }
}

/**
 * Scales up what a worker that has died left at zero. Harmless at any time: while a living worker has it at rest, nothing happens.
 * @throws DomainError RESTORE_QUIESCE_FAILED when it could not be; the next call tries again
 */
export async function wakeForgotten(scaled: ScaledWorkload, options: ScaleOptions): Promise<void> {
  if ((await readRested(options.backupDir, scaled.workload)) === null) return;
  const lock = await lockRest(options.backupDir, { timeoutMs: 0, signal: options.signal }).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === 'restore_target_busy') return null;
    throw error;
  });
  if (lock !== null) await wakeUnderLock(scaled, lock, options);
}

async function rest({ access, workload }: ScaledWorkload, options: ScaleOptions): Promise<void> {
  const bounded = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const { replicas, selector } = await readScale(access, workload, bounded);
  const pods = (): Promise<string[]> => runningPods(access, { workload, selector }, bounded);
  if ((await pods()).includes(hostname()))
    throw new DomainError('RESTORE_QUIESCE_FAILED', 'The worker runs in a pod of the workload that it should stop', {
      workload: nameOfWorkload(workload),
    });
  await remember(workload, replicas, options.backupDir);
  if (replicas > 0) await setReplicas(access, workload, 0, bounded);
  for (let left = await pods(); left.length > 0; left = await pods()) {
    await sleep(POLL_MS, undefined, { signal: bounded }).catch(() => undefined);
    if (bounded.aborted) throw stillThere(workload, left, options);
  }
}

/** What an earlier, crashed run has noted is older and therefore right: the present zero may be that run's. */
async function remember(workload: Workload, replicas: number, backupDir: string): Promise<void> {
  const earlier = await readRested(backupDir, workload);
  if (earlier !== null && replicas === 0) return;
  if (replicas > 0) await rememberRested(backupDir, { workload, replicas });
}

function stillThere(workload: Workload, pods: string[], { signal, timeoutMs }: ScaleOptions): unknown {
  if (signal.aborted) return signal.reason;
  return new DomainError('RESTORE_QUIESCE_FAILED', `Its pods were still there after ${timeoutMs / 1000} seconds`, {
    workload: nameOfWorkload(workload),
    pods,
  });
}

async function wakeUnderLock(
  { access, workload }: ScaledWorkload,
  lock: FileLock,
  options: ScaleOptions,
): Promise<void> {
  const { backupDir, timeoutMs } = options;
  try {
    const rested = await readRested(backupDir, workload);
    if (rested === null) return;
    // Not the signal of the job: a restore that was cancelled must wake QwenPaw, too.
    await scaleBack(access, rested, AbortSignal.timeout(timeoutMs)).catch(async (error: unknown) => {
      if (isGone(error)) await forgetRested(backupDir);
      throw error;
    });
    await forgetRested(backupDir);
  } finally {
    await lock.release();
  }
}

/** Whoever has scaled it up meanwhile had a reason. */
async function scaleBack(access: KubernetesAccess, rested: RestedWorkload, signal: AbortSignal): Promise<void> {
  const { workload, replicas } = rested;
  if ((await readScale(access, workload, signal)).replicas > 0) return;
  await setReplicas(access, workload, replicas, signal);
}

/** A workload that was deleted since is nothing to come back to for ever. */
const isGone = (error: unknown): boolean => error instanceof DomainError && error.details?.['status'] === 404;
