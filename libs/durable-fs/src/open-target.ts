import { chmodSync, fstatSync, lstatSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import { errnoOf } from './fs-errors';
import {
  type HeldDirectory,
  holdBelow,
  holdChild,
  holdExactly,
  type Identity,
  isSameNode,
  nodeAt,
  NotTheSameDirectory,
} from './held-directory';
import { giveOpened, type Owner } from './ownership';
import type { SwapState } from './swap-journal';
import type { SwapTarget } from './swap-target';

/** The directories of a target, held open for as long as the transaction lasts: nothing is reached by its path any more. */
export interface OpenTarget {
  /** The entry of the journal; `commit` fills in its `before`. */
  target: SwapTarget;
  /** The directory that holds the target; for children the target itself. */
  area: HeldDirectory;
  /** Holds the staged and the old content: private, but in journals of version 1. null where it is gone, or was never made. */
  work: HeldDirectory | null;
  /** What the staged content is, once the caller has made it: looked at again before and after it goes live. */
  fresh: Identity | null;
  /** What is replaced, as it was decided on. */
  former: Identity | null;
}

/** Names in `work`. */
export const stagedName = ({ target }: OpenTarget): string => basename(target.staged);
export const asideName = ({ target }: OpenTarget): string => basename(target.aside);
/** Holds the old content while it is still being collected. */
export const partName = (open: OpenTarget): string => `${asideName(open)}.part`;

/** The name of a sibling target in its area. */
export const ownName = ({ target }: OpenTarget): string => basename(target.path);

const areaOf = ({ kind, path }: SwapTarget): string => (kind === 'children' ? path : dirname(path));

/**
 * Opens a target for a new transaction, and makes missing parents.
 * @throws NotTheSameDirectory when something was exchanged since the target was decided on
 */
export function openPlace(target: SwapTarget): OpenTarget {
  const area = openArea(target);
  return closingOnError(area, () => ({ target, area, work: null, fresh: null, former: identityAt(area, target) }));
}

/** Makes the private directory: 0700, ours, empty. */
export function makeWork(open: OpenTarget): void {
  const { target, area } = open;
  if (target.kind === 'children') unlockOwn(area);
  open.work = makePrivate(area, basename(dirname(target.staged)));
}

function closingOnError<T>(directory: HeldDirectory, act: () => T): T {
  try {
    return act();
  } catch (error) {
    directory.close();
    throw error;
  }
}

/** The private directory is made in the target then, which may lack the permission; what it has is in the journal by now. */
function unlockOwn(area: HeldDirectory): void {
  const { mode, uid } = fstatSync(area.fd);
  if ((mode & 0o300) !== 0o300 && uid === process.geteuid?.()) chmodSync(area.at(), (mode & 0o7777) | 0o700);
}

/**
 * Opens a target of a journal.
 * @returns null where there is nothing to bring back: its place was never made, or nothing live had been touched
 * @throws NotTheSameDirectory where old content waits in a place that another program, or an absent disk, has taken away
 */
export function reopenTarget(target: SwapTarget, state: SwapState): OpenTarget | null {
  try {
    return reopen(target, state);
  } catch (error) {
    if (error instanceof NothingToDo) return null;
    const isAway = error instanceof NotTheSameDirectory || AWAY.has(errnoOf(error) ?? '');
    if (!isAway) throw error;
    if (state !== 'swapping' || (errnoOf(error) === 'ENOENT' && !target.existed)) return null;
    throw new NotTheSameDirectory(error instanceof NotTheSameDirectory ? error.path : areaOf(target));
  }
}

const AWAY = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

class NothingToDo extends Error {}

/** A journal without a seal is only acted upon where something of ours lies. */
function hasTraces(area: HeldDirectory, { staged, aside }: SwapTarget): boolean {
  const names = [staged, aside, `${aside}.part`].map((path) => basename(path));
  return names.some((name) => nodeAt(area, name)?.uid === process.geteuid?.());
}

function reopen(target: SwapTarget, state: SwapState): OpenTarget {
  const area = holdExactly(areaOf(target));
  return closingOnError(area, () => {
    const isApart = dirname(target.staged) !== areaOf(target);
    const work = isApart ? holdPrivate(area, basename(dirname(target.staged))) : holdBelow(area, '');
    if (!isApart && target.existed && !hasTraces(area, target)) throw new NothingToDo();
    const isLost = work === null && state === 'swapping' && target.existed && target.kind !== 'children';
    if (isLost && nodeAt(area, basename(target.path)) === null) throw new NotTheSameDirectory(dirname(target.staged));
    return { target, area, work, fresh: null, former: null };
  });
}

function holdPrivate(area: HeldDirectory, name: string): HeldDirectory | null {
  if (nodeAt(area, name) === null) return null;
  const work = holdChild(area, name);
  closingOnError(work, () => assertPrivate(work));
  return work;
}

function assertPrivate(directory: HeldDirectory): void {
  if (!isPrivate(directory)) throw new NotTheSameDirectory(directory.path);
}

function isPrivate(directory: HeldDirectory): boolean {
  const { uid, mode } = fstatSync(directory.fd);
  return (mode & 0o777) === 0o700 && uid === (process.geteuid?.() ?? uid);
}

export function closeTarget({ area, work }: OpenTarget): void {
  work?.close();
  area.close();
}

function openArea(target: SwapTarget): HeldDirectory {
  const [outermost] = target.made_parents;
  if (outermost === undefined) return holdExactly(areaOf(target));
  let directory = holdExactly(dirname(outermost));
  const owner: Owner = fstatSync(directory.fd);
  for (const name of relative(dirname(outermost), areaOf(target)).split('/')) {
    const parent = directory;
    // Another target may have made it: in an empty instance all agents lack the same parent.
    const isNew = closingOnError(parent, () => mkdirIfAbsent(parent.at(name)));
    try {
      directory = holdChild(parent, name);
      if (isNew) closingOnError(directory, () => giveNew(directory, owner));
    } finally {
      parent.close();
    }
  }
  return directory;
}

/** Only what was made here is given away: another program may have put something else in its place. */
function giveNew(directory: HeldDirectory, owner: Owner): void {
  const isNew = fstatSync(directory.fd).uid === (process.geteuid?.() ?? 0) && readdirSync(directory.at()).length === 0;
  if (!isNew) throw new NotTheSameDirectory(directory.path);
  giveOpened(directory.fd, owner);
}

function mkdirIfAbsent(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o755 });
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    return false;
  }
}

function makePrivate(area: HeldDirectory, name: string): HeldDirectory {
  mkdirSync(area.at(name), { mode: 0o700 });
  try {
    const work = holdChild(area, name);
    closingOnError(work, () => assertPrivate(work));
    return work;
  } catch (error) {
    removeEmpty(area.at(name));
    throw error;
  }
}

/** What is not empty, or no directory, is none that was just made. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // The first error is the one to be told.
  }
}

/** Whether the private directory still stands in its place, is private, and the staged content in it is what was made. */
export function assertUntouched(open: OpenTarget): void {
  const { target, area, work, fresh } = open;
  if (work === null) throw new NotTheSameDirectory(dirname(target.staged));
  const stands = lstatSync(area.at(basename(dirname(target.staged))));
  if (!isSameNode(stands, work) || (stands.mode & 0o777) !== 0o700) throw new NotTheSameDirectory(work.path);
  if (fresh !== null && !isSameNode(lstatSync(work.at(stagedName(open))), fresh))
    throw new NotTheSameDirectory(target.staged);
}

/** After the exchange: what stands in the place must be what was staged. */
export function assertInPlace(open: OpenTarget): void {
  const { target, area, fresh } = open;
  if (target.kind !== 'sibling' || fresh === null) return;
  if (!isSameNode(lstatSync(area.at(ownName(open))), fresh)) throw new NotTheSameDirectory(target.path);
}

function identityAt(area: HeldDirectory, target: SwapTarget): Identity | null {
  if (!target.existed || target.kind === 'children') return null;
  const { dev, ino } = lstatSync(area.at(basename(target.path)));
  return { dev, ino };
}
