import { rmdir } from 'node:fs/promises';
import { partOf, setAttributes, swapChildren, unswapChildren } from './children-swap';
import { errnoOf } from './fs-errors';
import { swapInPlace, unswapInPlace } from './in-place-swap';
import { isPresent } from './presence';
import { removeFile, removeTree } from './remove';
import { swapSibling, unswapSibling } from './sibling-swap';
import { readJournal, removeJournal, type SwapJournal, temporaryOf, writeJournal } from './swap-journal';
import type { SwapTarget } from './swap-target';

/** A step that a transaction is about to take; a test may stop the process there. */
export type SwapStep = (name: string) => void | Promise<void>;

/**
 * Replaces several directories and files as one: all of them or none, through errors, crashes and power cuts.
 *
 *   begin (journal: staging) → the caller stages → commit (swapping → every target → committed) → discard
 *
 * The commit point is the journal that says `committed`. Before it, {@link rollBack} brings everything back; behind it,
 * {@link discard} only removes what was set aside. {@link recover} does whichever is due, as often as it takes.
 */
export interface SwapTransaction {
  journalPath: string;
  journal: SwapJournal;
}

/** Writes the journal, before the first staged byte: what an interrupted staging left behind can then be found. */
export async function begin(
  journalPath: string,
  journal: Omit<SwapJournal, 'version' | 'state'>,
): Promise<SwapTransaction> {
  const transaction = { journalPath, journal: { version: 1 as const, state: 'staging' as const, ...journal } };
  await writeJournal(journalPath, transaction.journal);
  return transaction;
}

/**
 * Swaps every target, in order. On an error everything is rolled back before it is thrown.
 * @param options.isOwner asked before the first change and before the commit point: false when another process has taken over
 */
export async function commit(
  transaction: SwapTransaction,
  options: { isOwner: () => Promise<boolean>; onStep?: SwapStep },
): Promise<void> {
  const { journalPath, journal } = transaction;
  const step = options.onStep ?? (() => undefined);
  await assertOwner(options.isOwner);
  try {
    await setState(transaction, 'swapping');
    for (const target of journal.targets) {
      await step(`swap ${target.path}`);
      await swap(target);
    }
    await step('commit');
    await assertOwner(options.isOwner);
    await setState(transaction, 'committed');
  } catch (error) {
    // The write may have failed behind its rename: what stands on the disk decides, not what was meant.
    const written = await readJournal(journalPath);
    if (written?.state === 'committed') return;
    if (written?.id === journal.id) await rollBack(transaction);
    throw error;
  }
}

export class NotTheOwner extends Error {
  constructor() {
    super('another process has taken over this transaction');
  }
}

async function assertOwner(isOwner: () => Promise<boolean>): Promise<void> {
  if (!(await isOwner())) throw new NotTheOwner();
}

/** Undoes everything, in reverse, and removes staging areas and journal. Idempotent. */
export async function rollBack({ journalPath, journal }: SwapTransaction): Promise<void> {
  for (const target of [...journal.targets].reverse()) await unswap(target);
  for (const target of [...journal.targets].reverse()) await removeStaging(target);
  await removeJournal(journalPath);
}

/**
 * Removes what was set aside, after the commit point, and then the journal.
 * @returns paths that could not be removed, or not be given their mode and time; the journal stays then, and {@link recover} tries once more
 */
export async function discard({ journalPath, journal }: SwapTransaction): Promise<string[]> {
  const stuck = await clearAway(journal);
  if (stuck.length === 0) await removeJournal(journalPath);
  return stuck;
}

/** What {@link recover} did; `stuck` names former content that cannot be removed and stays where it is. */
export type Recovery =
  | { outcome: 'none' }
  | { outcome: 'rolled-back'; journal: SwapJournal }
  | { outcome: 'finished'; journal: SwapJournal; stuck: string[] };

/**
 * Finishes or rolls back what an earlier process left unfinished. To be called before anything else happens to the targets.
 * @throws DomainError RESTORE_JOURNAL_UNREADABLE; system errors: then nothing may be restored until it succeeds
 */
export async function recover(journalPath: string): Promise<Recovery> {
  const journal = await readJournal(journalPath);
  if (journal === null) {
    await removeFile(temporaryOf(journalPath));
    return { outcome: 'none' };
  }
  if (journal.state !== 'committed') {
    await rollBack({ journalPath, journal });
    return { outcome: 'rolled-back', journal };
  }
  const stuck = await clearAway(journal);
  // A path that resists twice must not keep a worker from its work; the new content is in place.
  await removeJournal(journalPath);
  return { outcome: 'finished', journal, stuck };
}

async function clearAway({ targets }: SwapJournal): Promise<string[]> {
  const stuck: string[] = [];
  for (const { staged, aside } of targets) {
    for (const path of [aside, partOf(aside), staged]) await removeTree(path).catch(() => stuck.push(path));
  }
  for (const target of targets) await finishAttributes(target).catch(() => stuck.push(target.path));
  return stuck;
}

async function setState(transaction: SwapTransaction, state: SwapJournal['state']): Promise<void> {
  transaction.journal = { ...transaction.journal, state };
  await writeJournal(transaction.journalPath, transaction.journal);
}

async function swap(target: SwapTarget): Promise<void> {
  if (target.kind === 'sibling') return swapSibling(target);
  if (target.kind === 'children') return swapChildren(target);
  return swapInPlace(target);
}

async function unswap(target: SwapTarget): Promise<void> {
  if (target.kind === 'sibling') return unswapSibling(target);
  if (target.kind === 'children') return unswapChildren(target);
  return unswapInPlace(target);
}

async function removeStaging(target: SwapTarget): Promise<void> {
  await removeTree(target.staged);
  if (target.kind === 'children' && target.attributes !== null)
    await setAttributes(target.path, target.attributes.before);
  for (const parent of [...target.made_parents].reverse()) {
    await rmdir(parent).catch((error: unknown) => {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error;
    });
  }
}

/** A directory that stayed gets the attributes of its new content. */
async function finishAttributes(target: SwapTarget): Promise<void> {
  if (target.kind !== 'children' || target.attributes === null || !(await isPresent(target.path))) return;
  await setAttributes(target.path, target.attributes.after);
}
