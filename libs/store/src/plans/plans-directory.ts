import { mkdir } from 'node:fs/promises';
import { errnoOf, type HeldDirectory, holdBelow, holdChild, holdDirectory } from '@pawvault/durable-fs';

const STATE = '.pawvault';
const PLANS = 'plans';
/** Where the lists lie below the backup directory, for messages. */
export const PLANS_PATH = `${STATE}/${PLANS}`;

const PLAN_HASH = /^[0-9a-f]{64}$/;
const EXTENSION = '.ndjson';

export const isPlanHash = (text: string): boolean => PLAN_HASH.test(text);

export const fileNameOf = (planHash: string): string => `${planHash}${EXTENSION}`;

export const isPlanFile = (name: string): boolean =>
  name.endsWith(EXTENSION) && isPlanHash(name.slice(0, -EXTENSION.length));

/**
 * Holds the directory of the lists open. Below the backup directory no link is followed: QwenPaw can write there, and a link would lead the
 * lists, and the removal of old ones, elsewhere.
 * @throws ENOENT, ENOTDIR, ELOOP, EACCES
 */
export function holdPlans(backupDir: string): HeldDirectory {
  const root = holdDirectory(backupDir);
  try {
    return holdBelow(root, PLANS_PATH);
  } finally {
    root.close();
  }
}

/** Makes the directory where it is missing. */
export async function holdOrMakePlans(backupDir: string): Promise<HeldDirectory> {
  const root = holdDirectory(backupDir);
  try {
    const state = await holdOrMake(root, STATE);
    try {
      return await holdOrMake(state, PLANS);
    } finally {
      state.close();
    }
  } finally {
    root.close();
  }
}

async function holdOrMake(parent: HeldDirectory, name: string): Promise<HeldDirectory> {
  try {
    await mkdir(parent.at(name), { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  return holdChild(parent, name);
}
