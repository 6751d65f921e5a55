import fc from 'fast-check';
import { noise } from './noise';
import type { Tree, TreeNode } from './tree';

export interface ArbitraryTreeOptions {
  /**
   * Both have all names that Linux takes, newlines and backslashes included, as far as they are UTF-8. `archivable` (default): no two in one
   * directory that differ only in case or Unicode form, so that the tree fits on every file system. `linux`: such names as well.
   */
  names?: 'archivable' | 'linux';
  /** `zip` (default): whole seconds from 1980 to 2037, which any tool restores. `any`: milliseconds from 1902 to 2400. */
  times?: 'zip' | 'any';
  /** Bytes; most files are far smaller. Default 100 000. */
  maxFileBytes?: number;
}

const NAME_BYTES = 255;

/** Trees of up to four levels as users have them at the worst: odd names and modes, links, empty files and directories. */
export function arbitraryTree(options: ArbitraryTreeOptions = {}): fc.Arbitrary<Tree> {
  const name = arbitraryName();
  const keyOf = options.names === 'linux' ? (path: string) => path : clashKey;
  const place = { name, parent: fc.nat() };
  return fc
    .record({
      directories: fc.array(fc.record({ ...place, node: arbitraryDirectory(options) }), { maxLength: 6 }),
      leaves: fc.array(fc.record({ ...place, node: arbitraryLeaf(options) }), { maxLength: 12 }),
    })
    .map(({ directories, leaves }) => plant({ directories, leaves, keyOf }));
}

interface Planned {
  name: string;
  /** Which of the directories so far it goes into, modulo their number. */
  parent: number;
  node: TreeNode;
}

interface Plan {
  directories: Planned[];
  leaves: Planned[];
  /** Equal for paths that cannot lie in one tree. */
  keyOf: (path: string) => string;
}

const DEEPEST = 4;

function plant({ directories, leaves, keyOf }: Plan): Tree {
  const places = [''];
  const taken = new Set<string>();
  const entries: [string, TreeNode][] = [];
  const put = ({ name, parent, node }: Planned): string | null => {
    const path = (places[parent % places.length] ?? '') + name;
    const key = keyOf(path);
    if (taken.has(key)) return null;
    taken.add(key);
    entries.push([path, node]);
    return path;
  };
  for (const planned of directories) {
    const path = put(planned);
    if (path !== null && path.split('/').length < DEEPEST) places.push(`${path}/`);
  }
  for (const planned of leaves) put(planned);
  return Object.fromEntries(entries);
}

/** Equal for names that one of the common file systems takes for the same; coarser than necessary. */
const clashKey = (path: string): string => path.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');

function arbitraryName(): fc.Arbitrary<string> {
  const unicode = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  return fc
    .oneof(
      { arbitrary: unicode, weight: 3 },
      { arbitrary: fc.constantFrom(...AWKWARD_NAMES), weight: 2 },
      { arbitrary: fc.constantFrom(...LONG_NAMES), weight: 1 },
      { arbitrary: fc.constantFrom(...ORDINARY_NAMES), weight: 2 },
    )
    .filter(isLinuxName);
}

const AWKWARD_NAMES = [
  '.hidden',
  '...',
  ' ',
  ' both ends ',
  'trailing.',
  'a b.txt',
  '-rf',
  '~',
  '＂',
  '报告 №1',
  '😀',
  '～',
  'line\nbreak',
  'tab\t',
  'back\\slash',
  '..\\up',
  'c:',
  'C:\\Users\\me.md',
  '\u0001',
  '\u007f',
  '\u202egnp.exe',
];

const LONG_NAMES = ['n'.repeat(NAME_BYTES), '字'.repeat(NAME_BYTES / 3), `${'😀'.repeat(63)}.md`];

const ORDINARY_NAMES = [
  'agent.json',
  'Agent.json',
  'MEMORY.md',
  'sessions',
  'notes',
  'Ä',
  'ö',
  'o\u0308',
  'constructor',
  '__proto__',
];

const isLinuxName = (name: string): boolean =>
  name !== '' &&
  name !== '.' &&
  name !== '..' &&
  !/[/\0]/.test(name) &&
  Buffer.byteLength(name) <= NAME_BYTES &&
  name.isWellFormed();

function arbitraryTime(times: 'zip' | 'any'): fc.Arbitrary<Date> {
  const seconds = (from: number, to: number): fc.Arbitrary<Date> =>
    fc.integer({ min: Date.UTC(from) / 1000, max: Date.UTC(to) / 1000 }).map((second) => new Date(second * 1000));
  if (times === 'zip') return seconds(1981, 2037);
  const milliseconds = fc.date({ min: new Date('1971-01-01'), max: new Date('2107-12-31'), noInvalidDate: true });
  return fc.oneof(milliseconds, seconds(1902, 1980), seconds(2108, 2400));
}

const arbitraryDirectory = (options: ArbitraryTreeOptions): fc.Arbitrary<TreeNode> =>
  fc.record({
    type: fc.constant('directory' as const),
    mode: fc.constantFrom(0o755, 0o700, 0o750, 0o775, 0o777),
    mtime: arbitraryTime(options.times ?? 'zip'),
  });

function arbitraryLeaf(options: ArbitraryTreeOptions): fc.Arbitrary<TreeNode> {
  const file = fc.record({
    type: fc.constant('file' as const),
    content: arbitraryContent(options.maxFileBytes ?? 100_000),
    // Readable by the owner, so that a backup needs no privilege
    mode: fc.oneof(
      fc.constantFrom(0o644, 0o600, 0o755, 0o444),
      fc.nat(0o777).map((mode) => mode | 0o400),
    ),
    mtime: arbitraryTime(options.times ?? 'zip'),
  });
  const link = fc
    .constantFrom('agent.json', 'nowhere', './a b.txt', '报告 №1')
    .map((target) => ({ type: 'symlink' as const, target }));
  return fc.oneof({ arbitrary: file, weight: 5 }, { arbitrary: link, weight: 1 });
}

function arbitraryContent(maxBytes: number): fc.Arbitrary<Buffer> {
  const random = fc
    .record({ seed: fc.string(), length: fc.oneof(fc.nat(Math.min(300, maxBytes)), fc.nat(maxBytes)) })
    .map(({ seed, length }) => noise(seed, length));
  const repeated = fc
    .record({ unit: fc.string({ minLength: 1, maxLength: 40 }), length: fc.nat(maxBytes) })
    .map(({ unit, length }) => Buffer.alloc(length, unit));
  return fc.oneof(fc.constant(Buffer.alloc(0)), random, repeated);
}
