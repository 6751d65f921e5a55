import { basename } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { writeFileAtomic } from './atomic-write';
import { syncDirectory } from './directory-sync';
import type { HeldDirectory } from './held-directory';
import { removeFile } from './remove';
import { NotOurFile, readOwnFile } from './own-file';
import { parseJournal } from './journal-form';
import type { SwapTarget } from './swap-target';

/**
 * staging: nothing live was touched; swapping: some targets may be exchanged, the old content waits aside;
 * committed: all are exchanged and it stays so.
 */
export type SwapState = 'staging' | 'swapping' | 'committed';

/** A journal in a directory that is held open: it is neither read nor written elsewhere, wherever its path leads by then. */
export interface JournalPlace {
  /** As a person knows it. */
  path: string;
  directory: HeldDirectory;
}

const reach = ({ path, directory }: JournalPlace): string => directory.at(basename(path));

export interface SwapJournal {
  /** 1: of earlier versions, without a seal; read, never written. */
  version: 1 | 2;
  /** Of this attempt; names its private directories. */
  id: string;
  state: SwapState;
  targets: SwapTarget[];
  /** What the owner wants to find again after a crash. */
  note: Record<string, unknown>;
}

/**
 * Says which journals may be acted upon. The journal lies in the tree that it speaks of, where other programs write: what it names is moved
 * and deleted, so it has to be proven first.
 */
export interface JournalAuthority {
  /** A code over the text that no other program can make. */
  seal(text: string): Promise<string>;
  /** Whether a code belongs to a text. False when there is no key. */
  isSealed(text: string, seal: string): Promise<boolean>;
  /** Why the targets are not ones that this program would have chosen, or null. */
  refusal(journal: SwapJournal): Promise<string | null>;
}

/**
 * Reads a journal and proves it: the file is our own, its seal is right (version 2), and its targets are ones that we would choose.
 * @returns null where there is none
 * @throws DomainError RESTORE_JOURNAL_UNTRUSTED, RESTORE_JOURNAL_UNREADABLE
 */
export async function readJournal(
  place: string | JournalPlace,
  authority: JournalAuthority,
): Promise<SwapJournal | null> {
  const [path, reached] = typeof place === 'string' ? [place, place] : [place.path, reach(place)];
  const bytes = await readOwnFile(reached).catch((error: unknown) => {
    if (error instanceof NotOurFile) throw untrusted(path, error.reason);
    throw error;
  });
  if (bytes === null) return null;
  const parsed = parseJournal(bytes.toString('utf8'));
  if (parsed === null) throw new DomainError('RESTORE_JOURNAL_UNREADABLE', undefined, { path });
  const { journal, sealed } = parsed;
  if (sealed !== null && !(await authority.isSealed(sealed.text, sealed.seal)))
    throw untrusted(path, 'its seal does not belong to it');
  const refusal = await authority.refusal(journal);
  if (refusal !== null) throw untrusted(path, refusal);
  return journal;
}

const untrusted = (path: string, reason: string): DomainError =>
  new DomainError('RESTORE_JOURNAL_UNTRUSTED', undefined, { path, reason });

export async function writeJournal(
  place: JournalPlace,
  journal: SwapJournal,
  authority: JournalAuthority,
): Promise<void> {
  const text = JSON.stringify(journal);
  await writeFileAtomic(reach(place), `${text}\n${await authority.seal(text)}\n`, { temporary: temporaryOf(place) });
}

export async function removeJournal(place: JournalPlace): Promise<void> {
  await removeTemporary(place);
  await removeFile(reach(place));
  await syncDirectory(place.directory);
}

/** A crash may leave it behind; the next journal overwrites it, recovery removes it. */
const temporaryOf = (place: JournalPlace): string => `${reach(place)}.tmp`;

export const removeTemporary = (place: JournalPlace): Promise<void> => removeFile(temporaryOf(place));
