import { link, rename, unlink } from 'node:fs/promises';
import { errnoOf } from './fs-errors';
import { carryOver, carryBack } from './carry-over';
import { clearPlace, renameClearing, renameInto } from './clear-place';
import { syncDirectory } from './directory-sync';
import { type HeldDirectory, isSameNode, NotTheSameDirectory, nodeAt } from './held-directory';
import { asideName, assertInPlace, type OpenTarget, ownName, stagedName } from './open-target';

/** Exchanges a directory or file with the staged one beside it. Every step can be told from what lies on the disk, so none is journalled. */
export async function swapSibling(open: OpenTarget, work: HeldDirectory): Promise<void> {
  const { target, area, former } = open;
  const [place, aside, staged] = [area.at(ownName(open)), work.at(asideName(open)), work.at(stagedName(open))];
  const live = nodeAt(area, ownName(open));
  if (former !== null && (live === null || !isSameNode(live, former))) throw new NotTheSameDirectory(target.path);
  if (live !== null && !live.isDirectory()) await keepFile(place, aside);
  else if (target.existed) await rename(place, aside);
  // It may have been exchanged since the look at it.
  const old = nodeAt(work, asideName(open));
  if (former !== null && (old === null || !isSameNode(old, former))) throw new NotTheSameDirectory(target.path);
  await carryOver(open, work);
  await renameInto(staged, { directory: area, name: ownName(open) });
  assertInPlace(open);
  await syncDirectory(work);
  await syncDirectory(area);
}

/**
 * Brings the old content back, from any step of {@link swapSibling} or of itself. New content goes back to `staged`.
 */
export async function unswapSibling(open: OpenTarget, work: HeldDirectory): Promise<void> {
  const { target, area } = open;
  const [place, aside, staged] = [area.at(ownName(open)), work.at(asideName(open)), work.at(stagedName(open))];
  const old = nodeAt(work, asideName(open));
  if (target.existed && old === null) return;
  // What was set aside had a real path: a link is not brought to life, and what it has replaced may still come back.
  if (old?.isSymbolicLink() === true) throw new NotTheSameDirectory(target.aside);
  if (old !== null && !old.isDirectory()) return restoreFile(open, work);
  const stands = nodeAt(area, ownName(open)) !== null;
  const published = stands && nodeAt(work, stagedName(open)) === null;
  if (published) await rename(place, staged);
  if (!target.existed && !published) return;
  if (target.existed) {
    if (stands && !published) await clearPlace(open, work, { directory: area, name: ownName(open) });
    await carryBack(open, work);
    await renameClearing(aside, { directory: area, name: ownName(open) }, { open, work });
    if (nodeAt(area, ownName(open))?.isSymbolicLink() === true)
      await clearPlace(open, work, { directory: area, name: ownName(open) });
  }
  await syncDirectory(work);
  await syncDirectory(area);
}

/** A file is never missing from its place: a second name keeps the old content while the new one is renamed over it. */
async function keepFile(place: string, aside: string): Promise<void> {
  try {
    await link(place, aside);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errnoOf(error) ?? '')) throw error;
    await rename(place, aside);
  }
}

async function restoreFile(open: OpenTarget, work: HeldDirectory): Promise<void> {
  const aside = work.at(asideName(open));
  if (nodeAt(open.area, ownName(open))?.isDirectory() === true)
    await clearPlace(open, work, { directory: open.area, name: ownName(open) });
  await renameClearing(aside, { directory: open.area, name: ownName(open) }, { open, work });
  // Where both are names of one file, rename does nothing and leaves both (POSIX).
  if (nodeAt(work, asideName(open)) !== null) await unlink(aside);
  await syncDirectory(open.area);
}
