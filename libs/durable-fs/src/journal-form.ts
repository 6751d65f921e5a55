import type { SwapJournal } from './swap-journal';
import type { CarriedPath, DirectoryState, SwapTarget } from './swap-target';

/** A journal as its text gives it; nothing of it is proven. `sealed` is null for version 1. */
export interface ParsedJournal {
  journal: SwapJournal;
  sealed: { text: string; seal: string } | null;
}

/**
 * Version 2 is one line of JSON and one line with its seal; version 1, written before journals were sealed, is JSON alone.
 * @returns null for anything else
 */
export function parseJournal(text: string): ParsedJournal | null {
  const [first = '', seal = '', ...rest] = text.split('\n');
  const value = parse(first) ?? parse(text);
  if (value === null) return null;
  if (value.version === 1) return { journal: fromVersion1(value), sealed: null };
  const isWhole = seal !== '' && rest.length === 1 && rest[0] === '';
  return isWhole ? { journal: value, sealed: { text: first, seal } } : null;
}

function parse(text: string): SwapJournal | null {
  try {
    const value = JSON.parse(text) as Partial<SwapJournal> | null;
    const known =
      (value?.version === 1 || value?.version === 2) &&
      ['staging', 'swapping', 'committed'].includes(value.state ?? '');
    if (!known || typeof value.id !== 'string' || typeof (value.note ?? 0) !== 'object') return null;
    const isSound = value.version === 1 ? isTargetOfVersion1 : isTarget;
    return Array.isArray(value.targets) && value.targets.every(isSound) ? (value as SwapJournal) : null;
  } catch {
    return null;
  }
}

/** Recovery moves and deletes by these paths: none may be missing or relative, or lead back up. */
const isPlaced = (value: SwapTarget): boolean =>
  [value.path, value.staged, value.aside].every(isAbsolute) &&
  ['sibling', 'children', 'in-place'].includes(value.kind) &&
  typeof value.existed === 'boolean' &&
  Array.isArray(value.made_parents) &&
  value.made_parents.every(isAbsolute);

const isTarget = (value: SwapTarget): boolean =>
  isPlaced(value) &&
  areAll(value.carry, ({ from, to }: CarriedPath) => isRelative(from) && isRelative(to)) &&
  areAll(value.fixed, isRelative) &&
  [value.before, value.after].every((states) => areAll(states, isState));

const areAll = <T>(values: T[], isSound: (value: T) => boolean): boolean =>
  Array.isArray(values) && values.every(isSound);

const isState = ({ path, mode, mtime_ms }: DirectoryState): boolean =>
  (path === '' || isRelative(path)) && Number.isSafeInteger(mode) && Number.isFinite(mtime_ms);

const isAbsolute = (path: unknown): boolean =>
  typeof path === 'string' && path.startsWith('/') && isRelative(path.slice(1));

const isRelative = (path: unknown): boolean =>
  typeof path === 'string' && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

interface TargetOfVersion1 extends Omit<SwapTarget, 'carry' | 'fixed' | 'before' | 'after'> {
  carry: string[];
  attributes: Record<'before' | 'after', Omit<DirectoryState, 'path'>> | null;
}

function isTargetOfVersion1(value: unknown): boolean {
  const { carry, attributes } = value as TargetOfVersion1;
  if (!isPlaced(value as SwapTarget) || !areAll(carry, isRelative)) return false;
  return attributes === null || [attributes.before, attributes.after].every((state) => isState({ path: '', ...state }));
}

function fromVersion1(journal: SwapJournal): SwapJournal {
  const targets = (journal.targets as unknown as TargetOfVersion1[]).map(({ carry, attributes, ...target }) => ({
    ...target,
    carry: carry.map((path) => ({ from: path, to: path })),
    fixed: [],
    before: attributes === null ? [] : [{ path: '', ...attributes.before }],
    after: attributes === null ? [] : [{ path: '', ...attributes.after }],
  }));
  return { ...journal, targets };
}
