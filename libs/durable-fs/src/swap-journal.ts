import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { writeFileAtomic } from './atomic-write';
import { fsyncDirectory } from './directory-sync';
import { errnoOf } from './fs-errors';
import { removeFile } from './remove';
import type { SwapTarget } from './swap-target';

/**
 * staging: nothing live was touched; swapping: some targets may be exchanged, the old content waits aside;
 * committed: all are exchanged and it stays so.
 */
export type SwapState = 'staging' | 'swapping' | 'committed';

export interface SwapJournal {
  version: 1;
  /** Of this attempt; names its staging and set-aside areas. */
  id: string;
  state: SwapState;
  targets: SwapTarget[];
  /** What the owner wants to find again after a crash. */
  note: Record<string, unknown>;
}

/** @throws DomainError RESTORE_JOURNAL_UNREADABLE; null when there is none */
export async function readJournal(path: string): Promise<SwapJournal | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
  const journal = parse(text);
  if (journal === null) throw new DomainError('RESTORE_JOURNAL_UNREADABLE', undefined, { path });
  return journal;
}

export const writeJournal = (path: string, journal: SwapJournal): Promise<void> =>
  writeFileAtomic(path, `${JSON.stringify(journal, null, 1)}\n`, { temporary: temporaryOf(path) });

export async function removeJournal(path: string): Promise<void> {
  await removeFile(temporaryOf(path));
  await removeFile(path);
  await fsyncDirectory(dirname(path));
}

/** A crash may leave it behind; the next journal overwrites it, recovery removes it. */
export const temporaryOf = (path: string): string => `${path}.tmp`;

function parse(text: string): SwapJournal | null {
  try {
    const value = JSON.parse(text) as Partial<SwapJournal> | null;
    const known = value?.version === 1 && ['staging', 'swapping', 'committed'].includes(value.state ?? '');
    return known && Array.isArray(value?.targets) && value.targets.every(isTarget) ? (value as SwapJournal) : null;
  } catch {
    return null;
  }
}

/** Recovery moves and deletes by these paths: none may be missing or relative. */
const isTarget = (value: SwapTarget): boolean =>
  [value.path, value.staged, value.aside].every((path) => typeof path === 'string' && path.startsWith('/')) &&
  ['sibling', 'children', 'in-place'].includes(value.kind) &&
  typeof value.existed === 'boolean' &&
  Array.isArray(value.carry) &&
  Array.isArray(value.made_parents);
