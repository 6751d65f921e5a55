import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RestoreResult } from '@pawvault/contracts';
import { removeFile, writeFileAtomic } from '@pawvault/durable-fs';

/** Results of restores by job, so that a job that is delivered twice restores once. */
const PLACE = join('.pawvault', 'restores');
const KEPT = 50;

const pathOf = (backupDir: string, jobId: string): string =>
  join(backupDir, PLACE, `${jobId.replace(/[^\w.-]/g, '_')}.json`);

/** The result of a restore that was committed by an earlier delivery of the job, or null. */
export async function completedRestore(backupDir: string, jobId: string): Promise<RestoreResult | null> {
  const text = await readFile(pathOf(backupDir, jobId), 'utf8').catch(() => null);
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
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  for (const name of names.slice(0, Math.max(0, names.length - KEPT))) await removeFile(join(directory, name));
}
