import { refuse, type ZipEntry } from './zip-entry';

/** What the order and clashes of names are about. */
type Named = Pick<ZipEntry, 'name' | 'type'>;

/** Characters whose order by UTF-16 unit is not that of their code points: the surrogates, and all above them. */
const MOVED = /[\ud800-\uffff]/g;

/**
 * Sorts by code point. The platform compares strings far faster than a loop does, which counts when someone sends a million names that
 * differ in their last character only; so names where its order is another are compared by a stand-in.
 */
export function sortByName(entries: Pick<Named, 'name'>[]): void {
  const standIns = new Map<string, string>();
  for (const { name } of entries) {
    const standIn = name.replace(MOVED, moveUnit);
    if (standIn !== name) standIns.set(name, standIn);
  }
  const keyOf = standIns.size === 0 ? (name: string) => name : (name: string) => standIns.get(name) ?? name;
  entries.sort((a, b) => compare(keyOf(a.name), keyOf(b.name)));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Moves surrogates above the rest of the basic plane, keeping the order within both. */
function moveUnit(unit: string): string {
  const code = unit.charCodeAt(0);
  return String.fromCharCode(code < 0xe000 ? code + 0x2000 : code - 0x800);
}

/**
 * No name twice, and none that is a file here and a directory there.
 * @param sorted by name in code-point order: what begins alike lies together, so nothing has to be remembered but the files whose names
 *   the current one begins with
 * @throws DomainError ARCHIVE_NAME_DUPLICATE, ARCHIVE_NAME_CLASH naming the file
 */
export function checkNames(sorted: readonly Named[]): void {
  const files: string[] = [];
  let previous: string | null = null;
  for (const { name, type } of sorted) {
    if (name === previous) throw refuse('ARCHIVE_NAME_DUPLICATE', name);
    previous = name;
    for (let last = files.at(-1); last !== undefined && !name.startsWith(last); last = files.at(-1)) files.pop();
    const parent = files.find((file) => name.charAt(file.length) === '/');
    if (parent !== undefined) throw refuse('ARCHIVE_NAME_CLASH', parent);
    if (type !== 'directory') files.push(name);
  }
}
