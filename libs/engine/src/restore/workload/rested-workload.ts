import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { acquireFileLock, errnoOf, type FileLock, removeFile, writeFileAtomic } from '@pawvault/durable-fs';
import { nameOfWorkload, type Workload } from './kubernetes-api';

/** What was scaled to zero, and what it has to be scaled back to. */
export interface RestedWorkload {
  workload: Workload;
  replicas: number;
}

/** On the volume of the backups, which every worker mounts: whichever worker starts next must know. */
const placeOf = (backupDir: string): string => join(backupDir, '.pawvault');
const pathOf = (backupDir: string): string => join(placeOf(backupDir), 'rested-workload.json');

/**
 * Whoever holds this brings QwenPaw to rest or has done so; it falls when that process dies. So a worker that starts in the middle of
 * the restore of another one does not wake QwenPaw.
 * @throws DomainError restore_target_busy
 */
export async function lockRest(
  backupDir: string,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<FileLock> {
  await mkdir(placeOf(backupDir), { recursive: true, mode: 0o700 });
  return acquireFileLock(join(placeOf(backupDir), 'rested-workload.lock'), options);
}

/** To be called before anything is scaled, so that a crash at any later moment finds it. */
export const rememberRested = (backupDir: string, rested: RestedWorkload): Promise<void> =>
  writeFileAtomic(pathOf(backupDir), `${JSON.stringify({ version: 1, ...rested })}\n`);

export const forgetRested = (backupDir: string): Promise<void> => removeFile(pathOf(backupDir));

/** @throws DomainError RESTORE_QUIESCE_FAILED for a file that says something else */
export async function readRested(backupDir: string): Promise<RestedWorkload | null> {
  const path = pathOf(backupDir);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const rested = parse(text);
  if (rested !== null) return rested;
  throw new DomainError('RESTORE_QUIESCE_FAILED', 'The note of what has to be scaled up again cannot be read', {
    path,
  });
}

/** The names go into addresses of the API, and the volume is not ours alone. */
const DNS_NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

function parse(text: string): RestedWorkload | null {
  try {
    const { version, workload, replicas } = JSON.parse(text) as Partial<RestedWorkload> & { version?: unknown };
    if (version !== 1 || workload === undefined || !Number.isSafeInteger(replicas) || Number(replicas) < 1) return null;
    const { kind, name, namespace } = workload;
    const sound = ['deployment', 'statefulset'].includes(kind) && DNS_NAME.test(name);
    return sound && (namespace === null || DNS_NAME.test(namespace)) ? { workload, replicas: Number(replicas) } : null;
  } catch {
    return null;
  }
}

/** Whether both are one workload; a namespace that is left open is the worker's own in both. */
export const isSameWorkload = (a: Workload, b: Workload): boolean =>
  nameOfWorkload(a) === nameOfWorkload(b) && a.namespace === b.namespace;
