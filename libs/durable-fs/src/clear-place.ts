import { rename } from 'node:fs/promises';
import { errnoOf } from './fs-errors';
import { type HeldDirectory, nodeAt, NotTheSameDirectory } from './held-directory';
import { asideName, type OpenTarget } from './open-target';

/** What another program has put into a place of the transaction has names that begin with this, in its private directory. */
export const strayPrefix = (open: OpenTarget): string => `${asideName(open)}.stray-`;

/**
 * Moves what another program has put in a place out of the way, into the private directory, with which it is removed: a rollback must not
 * stop at it.
 */
export async function clearPlace(
  open: OpenTarget,
  work: HeldDirectory,
  place: { directory: HeldDirectory; name: string | Buffer },
): Promise<void> {
  let n = 0;
  while (nodeAt(work, `${strayPrefix(open)}${n}`) !== null) n += 1;
  await rename(place.directory.at(place.name), work.at(`${strayPrefix(open)}${n}`));
}

const OCCUPIED = new Set(['ENOTEMPTY', 'EEXIST', 'EISDIR', 'ENOTDIR']);

/** How often another program may put something there again. */
const ATTEMPTS = 20;

/** A rename into a place of which whatever stands there is moved out. */
export async function renameClearing(
  from: string | Buffer,
  place: { directory: HeldDirectory; name: string | Buffer },
  { open, work }: { open: OpenTarget; work: HeldDirectory },
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(from, place.directory.at(place.name));
    } catch (error) {
      if (!OCCUPIED.has(errnoOf(error) ?? '') || attempt === ATTEMPTS) throw error;
    }
    await clearPlace(open, work, place).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
    });
  }
}

/** A rename into a place that has to be free, or may hold an empty directory. @throws NotTheSameDirectory when it is not */
export async function renameInto(
  from: string | Buffer,
  place: { directory: HeldDirectory; name: string | Buffer },
): Promise<void> {
  try {
    await rename(from, place.directory.at(place.name));
  } catch (error) {
    if (!OCCUPIED.has(errnoOf(error) ?? '')) throw error;
    throw new NotTheSameDirectory(`${place.directory.path}/${place.name.toString()}`);
  }
}
