import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RestoreResult } from '@pawvault/contracts';
import { readStateFile, removeFile, type StateFile, untrusted, writeStateFile } from '@pawvault/durable-fs';

/** Results of restores by job, so that a job that is delivered twice restores once. */
const PLACE = join('.pawvault', 'restores');
const KEPT = 50;

/** A result names agents, warnings and up to a thousand paths. */
const MAX_BYTES = 16 << 20;

const fileOf = (backupDir: string, jobId: string): StateFile => ({
  root: backupDir,
  below: PLACE,
  name: `${jobId.replace(/[^\w.-]/g, '_')}.json`,
});

interface CompletedRestore {
  job_id: string;
  result: RestoreResult;
}

/**
 * The result of a restore that was committed by an earlier delivery of the job, or null.
 * @throws DomainError STATE_FILE_UNTRUSTED, PERMISSION_DENIED, IO_ERROR: not knowing whether it was done is no reason to do it again
 */
export async function completedRestore(backupDir: string, jobId: string): Promise<RestoreResult | null> {
  const file = fileOf(backupDir, jobId);
  const bytes = await readStateFile(file, { maxBytes: MAX_BYTES });
  return bytes === null ? null : resultIn(bytes, jobId, join(backupDir, PLACE, file.name));
}

function resultIn(bytes: Buffer, jobId: string, path: string): RestoreResult {
  try {
    const kept = JSON.parse(bytes.toString('utf8')) as CompletedRestore | RestoreResult;
    // Earlier versions kept the bare result.
    if (!('result' in kept)) return kept;
    if (kept.job_id === jobId) return kept.result;
  } catch {
    // Nothing that was written here: it is written in one step.
  }
  throw untrusted(path, 'content');
}

export async function recordRestore(backupDir: string, jobId: string, result: RestoreResult): Promise<void> {
  const kept: CompletedRestore = { job_id: jobId, result };
  await writeStateFile(fileOf(backupDir, jobId), `${JSON.stringify(kept)}\n`);
  await forgetOldest(join(backupDir, PLACE));
}

/** By time: job ids have no order. */
async function forgetOldest(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json'));
  if (names.length <= KEPT) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(directory, name))).mtimeMs })),
  );
  aged.sort((a, b) => a.at - b.at);
  for (const { name } of aged.slice(0, aged.length - KEPT)) await removeFile(join(directory, name));
}
