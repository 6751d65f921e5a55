import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RestoreResult } from '@pawvault/contracts';
import { errnoOf, removeFile, writeFileAtomic } from '@pawvault/durable-fs';

/** Results of restores by job, so that a job that is delivered twice restores once. */
const PLACE = join('.pawvault', 'restores');
const KEPT = 50;

const pathOf = (backupDir: string, jobId: string): string =>
  join(backupDir, PLACE, `${jobId.replace(/[^\w.-]/g, '_')}.json`);

/** The result of a restore that was committed by an earlier delivery of the job, or null. */
export async function completedRestore(backupDir: string, jobId: string): Promise<RestoreResult | null> {
  const text = await readFile(pathOf(backupDir, jobId), 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return null;
    // Not knowing whether it was done is no reason to do it again.
    throw error;
  });
  if (text === null) return null;
  try {
    return JSON.parse(text) as RestoreResult;
  } catch {
    return null;
  }
}

export async function recordRestore(backupDir: string, jobId: string, result: RestoreResult): Promise<void> {
  const directory = join(backupDir, PLACE);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFileAtomic(pathOf(backupDir, jobId), `${JSON.stringify(result)}\n`);
  await forgetOldest(directory);
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
