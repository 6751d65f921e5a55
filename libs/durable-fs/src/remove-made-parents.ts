import { rmdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { errnoOf } from './fs-errors';
import { holdExactly } from './held-directory';
import type { SwapTarget } from './swap-target';

/** What was made for a target, where it is still there; what is not empty stays. */
const LEFT_ALONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ESTALE', 'ENOTEMPTY', 'EEXIST']);

export async function removeMadeParents({ made_parents }: SwapTarget): Promise<void> {
  for (const parent of [...made_parents].reverse()) {
    try {
      const above = holdExactly(dirname(parent));
      try {
        await rmdir(above.at(basename(parent)));
      } finally {
        above.close();
      }
    } catch (error) {
      if (!LEFT_ALONE.has(errnoOf(error) ?? '')) throw error;
    }
  }
}
