import { lstat, readdir } from 'node:fs/promises';
import { errnoOf, type HeldDirectory, removeFile } from '@pawvault/durable-fs';
import { isPlanFile } from './plans-directory';

export const MOST_PLANS = 20;
export const PLAN_AGE_MS = 7 * 24 * 60 * 60 * 1000;
/** Of all lists together: a million paths take about 150 MB. The newest list is kept whatever its size. */
export const MOST_BYTES = 512 * 1024 * 1024;

interface KeptList {
  name: string;
  at: number;
  size: number;
}

/** Removes lists that are too old, too many or too large together, the oldest first. Files of other names are left alone. */
export async function forgetOldPlans(plans: HeldDirectory, now: Date): Promise<void> {
  const lists = await listsIn(plans);
  lists.sort((a, b) => b.at - a.at);
  let bytes = 0;
  for (const [index, { name, at, size }] of lists.entries()) {
    bytes += size;
    const tooMany = index >= MOST_PLANS || (index > 0 && bytes > MOST_BYTES);
    if (tooMany || now.getTime() - at > PLAN_AGE_MS) await removeFile(plans.at(name));
  }
}

async function listsIn(plans: HeldDirectory): Promise<KeptList[]> {
  const lists: KeptList[] = [];
  for (const name of (await readdir(plans.at())).filter(isPlanFile)) {
    try {
      const { mtimeMs: at, size } = await lstat(plans.at(name));
      lists.push({ name, at, size });
    } catch (error) {
      // Another worker may have removed it just now.
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }
  return lists;
}
