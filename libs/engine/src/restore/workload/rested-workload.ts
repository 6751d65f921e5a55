import { join } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import {
  acquireFileLock,
  type FileLock,
  makeStateDirectory,
  readStateFile,
  removeStateFile,
  type StateFile,
  writeStateFile,
} from '@pawvault/durable-fs';
import { nameOfWorkload, type Workload } from './kubernetes-api';

/** What was scaled to zero, and what it has to be scaled back to. */
export interface RestedWorkload {
  workload: Workload;
  replicas: number;
}

/** On the volume of the backups, which every worker mounts: whichever worker starts next must know. */
const fileOf = (backupDir: string): StateFile => ({
  root: backupDir,
  below: '.pawvault',
  name: 'rested-workload.json',
});
const MAX_BYTES = 64 << 10;
/** More pods of one QwenPaw than anybody runs; a note that says more is not ours. */
const MAX_REPLICAS = 100;

/**
 * Whoever holds this brings QwenPaw to rest or has done so; it falls when that process dies. So a worker that starts in the middle of
 * the restore of another one does not wake QwenPaw.
 * @throws DomainError restore_target_busy
 */
export async function lockRest(
  backupDir: string,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<FileLock> {
  const directory = makeStateDirectory(fileOf(backupDir));
  const path = join(directory.path, 'rested-workload.lock');
  directory.close();
  return acquireFileLock(path, options);
}

/** To be called before anything is scaled, so that a crash at any later moment finds it. */
export const rememberRested = (backupDir: string, rested: RestedWorkload): Promise<void> =>
  writeStateFile(fileOf(backupDir), `${JSON.stringify({ version: 1, ...rested })}\n`);

export const forgetRested = (backupDir: string): Promise<void> => removeStateFile(fileOf(backupDir));

/**
 * What has to be scaled up again, as far as it is the workload that is configured: a note that another program has planted must not scale another one.
 * @throws DomainError RESTORE_QUIESCE_FAILED for a file that says something else; STATE_FILE_UNTRUSTED for one that another user may have written
 */
export async function readRested(backupDir: string, configured: Workload): Promise<RestedWorkload | null> {
  const file = fileOf(backupDir);
  const bytes = await readStateFile(file, { maxBytes: MAX_BYTES });
  if (bytes === null) return null;
  const rested = parse(bytes.toString('utf8'));
  const path = join(backupDir, file.below, file.name);
  if (rested === null)
    throw new DomainError('RESTORE_QUIESCE_FAILED', 'The note of what has to be scaled up again cannot be read', {
      path,
    });
  if (isSameWorkload(rested.workload, configured)) return rested;
  const [workload, expected] = [rested.workload, configured].map(nameOfWorkload);
  throw new DomainError(
    'RESTORE_QUIESCE_FAILED',
    `${path} names ${workload ?? ''}, which is not the configured workload`,
    {
      path,
      workload,
      configured: expected,
    },
  );
}

/** The names go into addresses of the API, and the volume is not ours alone. */
const DNS_NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

function parse(text: string): RestedWorkload | null {
  try {
    const { version, workload, replicas } = JSON.parse(text) as Partial<RestedWorkload> & { version?: unknown };
    if (version !== 1 || workload === undefined || !isSane(replicas)) return null;
    const { kind, name, namespace } = workload;
    const sound = ['deployment', 'statefulset'].includes(kind) && DNS_NAME.test(name);
    return sound && (namespace === null || DNS_NAME.test(namespace)) ? { workload, replicas: Number(replicas) } : null;
  } catch {
    return null;
  }
}

const isSane = (replicas: unknown): replicas is number =>
  Number.isSafeInteger(replicas) && Number(replicas) >= 1 && Number(replicas) <= MAX_REPLICAS;

/** Whether both are one workload; a namespace that is left open is the worker's own in both. */
const isSameWorkload = (a: Workload, b: Workload): boolean =>
  nameOfWorkload(a) === nameOfWorkload(b) && a.namespace === b.namespace;
