import { errnoOf, type HeldDirectory } from '@pawvault/durable-fs';
import { forgetOldPlans } from './forget-old-plans';
import { holdPlans } from './plans-directory';

/** Removes the lists that are too old, also when no further plan is asked for. Where there are none, there is nothing to do. */
export async function removeOldPlans(backupDir: string, now: Date): Promise<void> {
  const plans = held(backupDir);
  if (plans === null) return;
  try {
    await forgetOldPlans(plans, now);
  } finally {
    plans.close();
  }
}

function held(backupDir: string): HeldDirectory | null {
  try {
    return holdPlans(backupDir);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
