import { dirname } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { swapChildren, unswapChildren } from './children-swap';
import { applyStates, disturbedBy, unlockDirectories } from './directory-states';
import { errnoOf } from './fs-errors';
import { type HeldDirectory, holdExactly, knownPath, NotTheSameDirectory } from './held-directory';
import { swapInPlace, unswapInPlace } from './in-place-swap';
import { assertUntouched, closeTarget, makeWork, openPlace, type OpenTarget, reopenTarget } from './open-target';
import { removeMadeParents } from './remove-made-parents';
import { removeWork } from './remove-work';
import { swapSibling, unswapSibling } from './sibling-swap';
import {
  type JournalAuthority,
  readJournal,
  type JournalPlace,
  removeJournal,
  removeTemporary,
  type SwapJournal,
  writeJournal,
} from './swap-journal';
import type { DirectoryState } from './swap-target';

/** A step that a transaction is about to take; a test may stop the process there. */
export type SwapStep = (name: string) => void | Promise<void>;

/**
 * Replaces several directories and files as one: all of them or none, through errors, crashes and power cuts.
 *
 *   begin (journal: staging) → the caller stages → commit (swapping → every target → committed) → discard
 *
 * The commit point is the journal that says `committed`. Before it, {@link rollBack} brings everything back; after it,
 * {@link discard} only removes what was set aside. {@link recover} does whichever is due, as often as it takes.
 * Everything happens through directories that are held open from `begin` on: another program that exchanges one of them for a link changes
 * nothing elsewhere.
 */
export interface SwapTransaction {
  journalPath: string;
  /** The same, in its directory that is held open. */
  place: JournalPlace;
  journal: SwapJournal;
  authority: JournalAuthority;
  /** In the order of the journal. */
  targets: OpenTarget[];
}

/**
 * Writes the journal, before anything is made: what an interrupted staging left behind can then be found. Then makes the private directories.
 * @param journalPath real path but for its last component
 * @throws DomainError RESTORE_TARGET_CHANGED; system errors. Nothing is left behind then.
 */
export async function begin(
  journalPath: string,
  plan: Pick<SwapJournal, 'id' | 'targets' | 'note'>,
  authority: JournalAuthority,
): Promise<SwapTransaction> {
  const journal = { version: 2 as const, state: 'staging' as const, ...plan };
  const place = { path: journalPath, directory: holdPlace(journalPath) };
  const transaction: SwapTransaction = { journalPath, place, journal, authority, targets: [] };
  try {
    await writeJournal(place, journal, authority);
    for (const target of journal.targets) {
      const open = openPlace(target);
      transaction.targets.push(open);
      makeWork(open);
    }
    return transaction;
  } catch (error) {
    // Where that fails, the journal is still there and recovery tries again: the first error is the one to be told.
    await rollBack(transaction).catch(() => close(transaction));
    throw targetChanged(error);
  }
}

function holdPlace(journalPath: string): HeldDirectory {
  try {
    return holdExactly(dirname(journalPath));
  } catch (error) {
    throw targetChanged(error);
  }
}

/** The journal of a transaction as it stands on the disk by now. @throws as `readJournal` */
export const writtenJournal = ({ place, authority }: SwapTransaction): Promise<SwapJournal | null> =>
  readJournal(place, authority);

/**
 * Swaps every target, in order. On an error everything is rolled back before it is thrown, unless another process has taken over.
 * @param options.isOwner asked before the first change and before the commit point: false when another process has taken over
 * @throws {@link NotTheOwner}; DomainError RESTORE_TARGET_CHANGED when another program exchanged a directory; system errors
 */
export async function commit(
  transaction: SwapTransaction,
  options: { isOwner: () => Promise<boolean>; onStep?: SwapStep },
): Promise<void> {
  const { targets } = transaction;
  const step = options.onStep ?? (() => undefined);
  try {
    await assertOwner(options.isOwner);
    for (const open of targets) open.target.before = withEarlier(open.target.before, disturbedBy(open));
    await setState(transaction, 'swapping');
    for (const open of targets) {
      await step(`swap ${open.target.path}`);
      await swap(open);
    }
    await step('commit');
    await assertOwner(options.isOwner);
    await setState(transaction, 'committed');
  } catch (error) {
    const failed = (reason: unknown): never => {
      throw targetChanged(reason);
    };
    if (!(await isCommitted(transaction, error).catch(failed))) failed(error);
  }
}

/** What was noted before the private directory was made in a target is what it has to have again. */
const withEarlier = (earlier: readonly DirectoryState[], now: readonly DirectoryState[]): DirectoryState[] => [
  ...earlier,
  ...now.filter(({ path }) => !earlier.some((state) => state.path === path)),
];

/**
 * The write may have failed after its rename: what stands on the disk decides, not what was meant. Rolls back unless it was committed, also
 * where the journal is gone or another program has put something else in its place: nothing else could bring the old content back then.
 */
async function isCommitted(transaction: SwapTransaction, error: unknown): Promise<boolean> {
  const { journal } = transaction;
  const written = await writtenJournal(transaction).catch(() => null);
  const isOurs = written?.id === journal.id;
  if (isOurs && written.state === 'committed') return true;
  if (isOurs || (written === null && !(error instanceof NotTheOwner))) await rollBack(transaction);
  else close(transaction);
  return false;
}

export class NotTheOwner extends Error {
  constructor() {
    super('another process has taken over this transaction');
  }
}

async function assertOwner(isOwner: () => Promise<boolean>): Promise<void> {
  if (!(await isOwner())) throw new NotTheOwner();
}

/** What the user is to know of an exchange by another program; any other error comes back as it is. */
export function targetChanged(error: unknown): unknown {
  const path = error instanceof NotTheSameDirectory ? error.path : missedPath(error);
  return path === null ? error : new DomainError('RESTORE_TARGET_CHANGED', undefined, { path }, { cause: error });
}

/** Where a directory was a moment ago there is a link by now, or a file, or nothing. */
function missedPath(error: unknown): string | null {
  if (!['ELOOP', 'ENOTDIR', 'ENOENT', 'EEXIST', 'ENOTEMPTY', 'EISDIR'].includes(errnoOf(error) ?? '')) return null;
  return knownPath((error as NodeJS.ErrnoException).path ?? '');
}

/** Undoes everything, in reverse, and removes staging areas and journal. Can be repeated. */
export async function rollBack(transaction: SwapTransaction): Promise<void> {
  const reversed = [...transaction.targets].reverse();
  // While it is being staged nothing live is touched.
  if (transaction.journal.state !== 'staging') for (const open of reversed) await unswap(open);
  for (const open of reversed) await removeStaging(open);
  for (const target of [...transaction.journal.targets].reverse()) await removeMadeParents(target);
  await removeOwnJournal(transaction);
  close(transaction);
}

/** What another program has put in its place is not ours to remove. */
async function removeOwnJournal(transaction: SwapTransaction): Promise<void> {
  const isForeign = await writtenJournal(transaction).then(
    (written) => written !== null && written.id !== transaction.journal.id,
    (error: unknown) => error instanceof DomainError,
  );
  if (isForeign) return;
  await removeJournal(transaction.place);
}

/**
 * Removes what was set aside, after the commit point, and then the journal.
 * @returns paths that could not be removed, or not be given their mode and time; the journal stays then, and {@link recover} tries once more
 */
export async function discard(transaction: SwapTransaction): Promise<string[]> {
  try {
    const stuck = await clearAway(transaction);
    if (stuck.length === 0) await removeOwnJournal(transaction);
    return stuck;
  } finally {
    close(transaction);
  }
}

function close({ targets, place }: SwapTransaction): void {
  for (const open of targets.splice(0)) closeTarget(open);
  place.directory.close();
}

/** What {@link recover} did; `stuck` names former content that cannot be removed and stays where it is. */
export type Recovery =
  | { outcome: 'none' }
  | { outcome: 'rolled-back'; journal: SwapJournal }
  | { outcome: 'finished'; journal: SwapJournal; stuck: string[] };

/**
 * Finishes or rolls back what an earlier process left unfinished. To be called before anything else happens to the targets.
 * @param journalPath real path but for its last component
 * @throws DomainError RESTORE_JOURNAL_UNTRUSTED, RESTORE_JOURNAL_UNREADABLE: nothing has been touched then; system errors: then nothing may be
 *   restored until it succeeds
 */
export async function recover(journalPath: string, authority: JournalAuthority): Promise<Recovery> {
  const place = { path: journalPath, directory: holdPlace(journalPath) };
  try {
    const journal = await readJournal(place, authority);
    if (journal !== null)
      return await finish({ journalPath, place, journal, authority, targets: reopen(place, journal) });
    await removeTemporary(place);
    return { outcome: 'none' };
  } finally {
    place.directory.close();
  }
}

async function finish(transaction: SwapTransaction): Promise<Recovery> {
  const { journal, place } = transaction;
  try {
    if (journal.state !== 'committed') {
      await rollBack(transaction);
      return { outcome: 'rolled-back', journal };
    }
    const stuck = await clearAway(transaction);
    // A path that resists twice must not keep a worker from its work; the new content is in place.
    await removeJournal(place);
    return { outcome: 'finished', journal, stuck };
  } finally {
    for (const open of transaction.targets.splice(0)) closeTarget(open);
  }
}

/** All of them, before any is touched. */
function reopen({ path }: JournalPlace, { targets, state }: SwapJournal): OpenTarget[] {
  const opened: OpenTarget[] = [];
  try {
    for (const target of targets) {
      const open = reopenTarget(target, state);
      if (open !== null) opened.push(open);
    }
    return opened;
  } catch (error) {
    opened.forEach(closeTarget);
    if (!(error instanceof NotTheSameDirectory)) throw error;
    const reason = `${error.path} is not the directory that it was, and what it held before the restore cannot be brought back`;
    throw new DomainError('RESTORE_JOURNAL_UNTRUSTED', undefined, { path, reason }, { cause: error });
  }
}

async function clearAway({ targets }: SwapTransaction): Promise<string[]> {
  const stuck: string[] = [];
  const attempt = async (path: string, act: () => void | Promise<void>): Promise<void> => {
    try {
      await act();
    } catch {
      stuck.push(path);
    }
  };
  for (const open of targets) await attempt(open.target.aside, () => removeWork(open));
  for (const open of targets) await attempt(open.target.path, () => applyStates(open, open.target.after));
  return stuck;
}

async function setState(transaction: SwapTransaction, state: SwapJournal['state']): Promise<void> {
  transaction.journal = { ...transaction.journal, state };
  await writeJournal(transaction.place, transaction.journal, transaction.authority);
}

async function swap(open: OpenTarget): Promise<void> {
  assertUntouched(open);
  const work = open.work as HeldDirectory;
  unlockDirectories(open);
  if (open.target.kind === 'sibling') return swapSibling(open, work);
  if (open.target.kind === 'children') return swapChildren(open, work);
  return swapInPlace(open, work);
}

async function unswap(open: OpenTarget): Promise<void> {
  const { target, work } = open;
  if (work === null) return;
  if (target.kind === 'sibling') return unswapSibling(open, work);
  if (target.kind === 'children') return unswapChildren(open, work);
  return unswapInPlace(open, work);
}

async function removeStaging(open: OpenTarget): Promise<void> {
  await removeWork(open);
  applyStates(open, open.target.before);
}
