import { readdir, rmdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { strayPrefix } from './clear-place';
import { errnoOf } from './fs-errors';
import { type HeldDirectory, isSameNode, nodeAt } from './held-directory';
import { asideName, type OpenTarget, partName, stagedName } from './open-target';
import { removeNode } from './remove';

/** Removes the private directory with all that is in it; in journals of version 1, its parts lie in the area itself. */
export async function removeWork(open: OpenTarget): Promise<void> {
  const { target, area, work } = open;
  if (work === null) return;
  const strays = (await readdir(work.at())).filter((name) => name.startsWith(strayPrefix(open)));
  for (const name of [asideName(open), partName(open), stagedName(open), ...strays]) await removeNode(work, name);
  if (dirname(target.staged) === area.path) return;
  await removeEmptied(work, { area, usual: basename(dirname(target.staged)) });
}

/** How often another program may rename it meanwhile. */
const ATTEMPTS = 20;
const RENAMED = new Set(['ENOENT', 'ENOTDIR']);

async function removeEmptied(work: HeldDirectory, place: { area: HeldDirectory; usual: string }): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const own = await nameOf(work, place);
    if (own === null) return;
    try {
      return await rmdir(place.area.at(own));
    } catch (error) {
      if (!RENAMED.has(errnoOf(error) ?? '') || attempt === ATTEMPTS) throw error;
    }
  }
}

/** What another program has put in its place is not ours to remove; it may have given the directory another name. */
async function nameOf(
  work: HeldDirectory,
  { area, usual }: { area: HeldDirectory; usual: string },
): Promise<string | null> {
  const isOurs = (name: string): boolean => {
    const stands = nodeAt(area, name);
    return stands !== null && isSameNode(stands, work);
  };
  return isOurs(usual) ? usual : ((await readdir(area.at())).find(isOurs) ?? null);
}
