import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { linkStaysInside } from '@pawvault/archive';
import { compareCodePoints, type Omission, type OmissionReason } from '@pawvault/contracts';
import { errnoOf } from '@pawvault/durable-fs';
import type { FileItem, PackItem } from '../threads/tasks';
import { type LeaveOutOptions, leaveOutReason } from './leave-out';

export interface WalkOptions extends LeaveOutOptions {
  /** Real path of the directory. */
  root: string;
  /** Real paths that are never entered, with the reason that is reported for them. */
  barred: ReadonlyMap<string, OmissionReason>;
}

/** A regular file as listed; `sidecars` are the SQLite companions that lie beside it. */
export type WalkedFile = FileItem & { sidecars: string[] };

export type Walked =
  | Exclude<PackItem, FileItem>
  | WalkedFile
  | { kind: 'omission'; omission: Omission }
  | { kind: 'excluded'; rule: string; files: number; bytes: number };

const REPLACEMENT = '\uFFFD';
const SIDECAR = /^(.+)-(wal|journal|shm)$/;

/**
 * Walks a tree depth first, siblings ordered so that the entry names come out in code-point order of the whole (`a.txt` before `a/b`
 * because `.` < `/`): the order of the archive and of its signature. Nothing that happens to the tree meanwhile stops the walk;
 * what is lost is reported. Synchronous on purpose: an asynchronous lstat costs five times as much; callers yield between items.
 */
export function* walkTree(options: WalkOptions): Generator<Walked> {
  try {
    const { mode, mtimeMs } = statSync(options.root);
    // The root itself: an empty workspace is something else than a missing one.
    yield { kind: 'directory', name: options.prefix, mode, mtimeMs };
  } catch (error) {
    yield omitError(options, '', error);
    return;
  }
  yield* walkDirectory({ path: options.root, relative: '' }, options);
}

interface Place {
  path: string;
  /** Relative to the root, with a trailing slash unless empty. */
  relative: string;
}

interface Child {
  name: string;
  stat: Stats;
}

function* walkDirectory(place: Place, options: WalkOptions): Generator<Walked> {
  const listing = list(place, options);
  yield* listing.lost;
  for (const child of listing.children) yield* visit(place, child, { options, siblings: listing.names });
}

/** The children of a directory that have usable names, ordered; and what was lost while listing. */
function list(place: Place, options: WalkOptions): { children: Child[]; names: Set<string>; lost: Walked[] } {
  const lost: Walked[] = [];
  const children: Child[] = [];
  for (const name of readNames(place, options, lost)) {
    const stat = statChild(place, name, { options, lost });
    if (stat !== null) children.push({ name, stat });
  }
  children.sort((a, b) => compareCodePoints(sortKey(a), sortKey(b)));
  return { children, names: new Set(children.map(({ name }) => name)), lost };
}

const sortKey = ({ name, stat }: Child): string => (stat.isDirectory() ? `${name}/` : name);

/** Names that are no valid UTF-8 come out of the file system with U+FFFD; only then are the bytes worth a second look. */
function readNames(place: Place, options: WalkOptions, lost: Walked[]): string[] {
  try {
    const names = readdirSync(place.path);
    return names.some((name) => name.includes(REPLACEMENT)) ? readOddNames(place, options, lost) : names;
  } catch (error) {
    lost.push(omitError(options, place.relative, error));
    return [];
  }
}

function readOddNames(place: Place, options: WalkOptions, lost: Walked[]): string[] {
  const names: string[] = [];
  for (const raw of readdirSync(place.path, { encoding: 'buffer' })) {
    const name = raw.toString('utf8');
    if (Buffer.from(name, 'utf8').equals(raw)) names.push(name);
    else lost.push(omit(options, `${place.relative}${name}`, 'name_not_representable', 'it is not valid UTF-8'));
  }
  return names;
}

function statChild(place: Place, name: string, into: { options: WalkOptions; lost: Walked[] }): Stats | null {
  try {
    return lstatSync(`${place.path}/${name}`);
  } catch (error) {
    into.lost.push(omitError(into.options, `${place.relative}${name}`, error));
    return null;
  }
}

function* visit(
  place: Place,
  child: Child,
  context: { options: WalkOptions; siblings: Set<string> },
): Generator<Walked> {
  const { options } = context;
  const { name, stat } = child;
  const path = `${place.path}/${name}`;
  const relative = `${place.relative}${name}${stat.isDirectory() ? '/' : ''}`;
  const leftOut = leaveOut(path, { relative, stat }, options);
  if (leftOut !== null) {
    yield leftOut;
    return;
  }
  const facts = { name: `${options.prefix}${relative}`, mode: stat.mode, mtimeMs: stat.mtimeMs };
  if (stat.isDirectory()) {
    yield { kind: 'directory', ...facts };
    yield* walkDirectory({ path, relative }, options);
  } else if (stat.isFile()) {
    yield { kind: 'file', ...facts, path, size: stat.size, sidecars: sidecarsOf(name, context.siblings) };
  } else {
    yield readLink(path, { relative, facts }, options);
  }
}

/** What keeps a path out of the archive whatever it holds: it belongs elsewhere, a rule, its name or its kind. */
function leaveOut(path: string, child: { relative: string; stat: Stats }, options: WalkOptions): Walked | null {
  const { relative, stat } = child;
  const barred = options.barred.get(path);
  if (barred !== undefined) return omit(options, relative, barred);
  const reason = leaveOutReason(relative, stat, options);
  if (reason === null) return null;
  if (reason.by === 'rule') return { kind: 'excluded', rule: reason.rule, ...measure(path, stat) };
  return omit(options, relative, reason.reason, reason.detail);
}

function readLink(
  path: string,
  link: { relative: string; facts: { name: string; mode: number; mtimeMs: number } },
  options: WalkOptions,
): Walked {
  try {
    const target = readlinkSync(path);
    if (!linkStaysInside(link.relative, target)) return omit(options, link.relative, 'symlink_outside_module', target);
    return { kind: 'symlink', ...link.facts, target };
  } catch (error) {
    return omitError(options, link.relative, error);
  }
}

/** Files and bytes below an excluded path. Errors do not matter for a figure that is about what is not taken. */
function measure(path: string, stat: Stats): { files: number; bytes: number } {
  if (!stat.isDirectory()) return { files: 1, bytes: stat.isFile() ? stat.size : 0 };
  const total = { files: 0, bytes: 0 };
  try {
    for (const name of readdirSync(path)) {
      const child = measure(join(path, name), lstatSync(join(path, name)));
      total.files += child.files;
      total.bytes += child.bytes;
    }
  } catch {
    return total;
  }
  return total;
}

const sidecarsOf = (name: string, siblings: Set<string>): string[] =>
  ['-wal', '-journal', '-shm'].map((suffix) => `${name}${suffix}`).filter((sidecar) => siblings.has(sidecar));

/** The name of the database that a file would belong to as `-wal`, `-journal` or `-shm`, or null. */
export const databaseOf = (name: string): string | null => SIDECAR.exec(name)?.[1] ?? null;

function omit(options: WalkOptions, relative: string, reason: OmissionReason, detail?: string): Walked {
  const path = `${options.prefix}${relative}`;
  return { kind: 'omission', omission: { path, reason, ...(detail === undefined ? {} : { detail }) } };
}

function omitError(options: WalkOptions, relative: string, error: unknown): Walked {
  const errno = errnoOf(error);
  if (errno === undefined) throw error;
  return errno === 'ENOENT' || errno === 'ENOTDIR'
    ? omit(options, relative, 'vanished')
    : omit(options, relative, 'unreadable', errno);
}
