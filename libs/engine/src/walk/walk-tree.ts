import { closeSync, fstatSync, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { compareCodePoints, type Omission, type OmissionReason } from '@pawvault/contracts';
import { type HeldDirectory, holdChild, holdListed, identityOf, isSameNode } from '@pawvault/durable-fs';
import { openFile, type Place } from '../capture/located';
import { startsAsSqlite } from '../capture/sqlite-header';
import { BLOCK_BYTES } from '../create/blocks';
import type { FileItem, Owner, PackItem } from '../threads/tasks';
import { barredAs } from './barred-places';
import { leaveOutReason } from './leave-out';
import { type LinkScope, linkTarget } from './link-target';
import { measure } from './measure';
import { omissionOf } from './omission';

export type WalkOptions = LinkScope;

/** A regular file as listed, or a link with the content of one. */
export type WalkedFile = FileItem & {
  /** Names of the SQLite companions that lie beside it. */
  sidecars: string[];
  /** For what may be a database in use: the bytes of its copy with its logs. 0 for all other files. */
  copyBytes: number;
  /** Bytes that it takes on disk; fewer than its size where it has holes. */
  occupied: number;
};

export type Walked =
  | Exclude<PackItem, FileItem>
  | WalkedFile
  | { kind: 'omission'; omission: Omission }
  | { kind: 'excluded'; rule: string; files: number; bytes: number }
  /** What follows lies on another file system, or is a bind mount. */
  | { kind: 'mounted'; name: string };

const REPLACEMENT = '\uFFFD';
/** The companion of a database in use. */
const SIDECAR = /.-(wal|journal|shm)$/;
const DISK_BLOCK = 512;

/**
 * Walks a tree depth first, siblings ordered so that the entry names come out in code-point order of the whole (`a.txt` before `a/b`
 * because `.` < `/`): the order of the archive and of its signature. Nothing that happens to the tree meanwhile stops the walk;
 * what is lost is reported. Each directory is opened once, without following a link, and everything about its children goes through it, so
 * that no exchange of a directory for something else leads out of the tree. Synchronous on purpose: an asynchronous lstat costs five times as
 * much; callers yield between items.
 */
export function* walkTree(options: WalkOptions): Generator<Walked> {
  let held: HeldDirectory | null = null;
  try {
    held = holdListed(options.root, '', options.root);
    yield* walkRoot(held, fstatSync(held.fd), options);
  } catch (error) {
    yield omitError(options, '', error);
  } finally {
    held?.close();
  }
}

function* walkRoot(held: HeldDirectory, stat: Stats, options: WalkOptions): Generator<Walked> {
  // The root itself: an empty workspace is something else than a missing one.
  yield { kind: 'directory', name: options.prefix, mode: stat.mode, mtimeMs: stat.mtimeMs };
  yield* walkDirectory({ held, relative: '', stat }, options);
}

interface Parent {
  held: HeldDirectory;
  /** Relative to the root, with a trailing slash unless empty. */
  relative: string;
  stat: Stats;
}

interface Child {
  name: string;
  stat: Stats;
}

interface Visit {
  options: WalkOptions;
  parent: Parent;
  /** One object for all files of the directory. */
  place: Place;
  /** The files among the children that may be companions of a database. */
  companions: ReadonlyMap<string, Stats>;
}

function* walkDirectory(parent: Parent, options: WalkOptions): Generator<Walked> {
  const { held, relative } = parent;
  const listing = list(parent, options);
  yield* listing.lost;
  const place = { root: options.root, relative: relative.slice(0, -1), dev: held.dev, ino: held.ino };
  const context = { options, parent, place, companions: companionsIn(listing.children) };
  for (const child of listing.children) yield* visit(child, context);
}

/** The children of a directory that have usable names, ordered; and what was lost while listing. */
function list(parent: Parent, options: WalkOptions): { children: Child[]; lost: Walked[] } {
  const lost: Walked[] = [];
  const children: Child[] = [];
  for (const name of readNames(parent, options, lost)) {
    try {
      children.push({ name, stat: lstatSync(parent.held.at(name)) });
    } catch (error) {
      lost.push(omitError(options, `${parent.relative}${name}`, error));
    }
  }
  children.sort((a, b) => compareCodePoints(sortKey(a), sortKey(b)));
  return { children, lost };
}

const sortKey = ({ name, stat }: Child): string => (stat.isDirectory() ? `${name}/` : name);

/** Names that are no valid UTF-8 come out of the file system with U+FFFD; only then are the bytes worth a second look. */
function readNames(parent: Parent, options: WalkOptions, lost: Walked[]): string[] {
  try {
    const names = readdirSync(parent.held.at());
    return names.some((name) => name.includes(REPLACEMENT)) ? readOddNames(parent, options, lost) : names;
  } catch (error) {
    lost.push(omitError(options, parent.relative, error));
    return [];
  }
}

function readOddNames(parent: Parent, options: WalkOptions, lost: Walked[]): string[] {
  const names: string[] = [];
  for (const raw of readdirSync(parent.held.at(), { encoding: 'buffer' })) {
    const name = decoded(raw);
    if (name !== null) names.push(name);
    else
      lost.push(
        omit(options, `${parent.relative}${raw.toString('utf8')}`, 'name_not_representable', 'it is not valid UTF-8'),
      );
  }
  return names;
}

/** @returns null for bytes that are no UTF-8 */
function decoded(raw: Buffer): string | null {
  const text = raw.toString('utf8');
  return Buffer.from(text, 'utf8').equals(raw) ? text : null;
}

function* visit(child: Child, context: Visit): Generator<Walked> {
  const { options, parent } = context;
  const { name, stat } = child;
  const relative = `${parent.relative}${name}${stat.isDirectory() ? '/' : ''}`;
  const leftOut = leaveOut(child, relative, context);
  if (leftOut !== null) {
    yield leftOut;
    return;
  }
  const facts: Facts = { name: `${options.prefix}${relative}`, mode: stat.mode, mtimeMs: stat.mtimeMs };
  const owner = ownerOf(stat, parent.stat);
  if (owner !== null) facts.owner = owner;
  if (isMounted(child, context)) yield { kind: 'mounted', name: facts.name };
  if (stat.isDirectory()) {
    yield { kind: 'directory', ...facts };
    yield* enter(child, relative, context);
  } else {
    yield stat.isFile() ? walkedFile(child, facts, context) : walkedLink(child, { facts, relative }, context);
  }
}

interface Facts {
  name: string;
  mode: number;
  mtimeMs: number;
  owner?: Owner;
}

const ownerOf = ({ uid, gid }: Stats, parent: Stats): Owner | null =>
  uid === parent.uid && gid === parent.gid ? null : { uid, gid };

/** What keeps a path out of the archive whatever it holds: it belongs elsewhere, a rule, its name, its kind or its file system. */
function leaveOut(child: Child, relative: string, context: Visit): Walked | null {
  const { options, parent } = context;
  const { name, stat } = child;
  const barred = stat.isDirectory() ? barredAs(options.barred, pathIn(parent, name), stat) : null;
  if (barred !== null) return omit(options, relative, barred);
  const reason = leaveOutReason(relative, stat, options);
  if (reason?.by === 'rule') return { kind: 'excluded', rule: reason.rule, ...measure(parent.held, name, stat) };
  if (reason !== null) return omit(options, relative, reason.reason, reason.detail);
  if (options.oneFileSystem && isMounted(child, context)) return omit(options, relative, 'other_file_system');
  return null;
}

const pathIn = ({ held }: Parent, name: string): string => `${held.path === '/' ? '' : held.path}/${name}`;

/**
 * Bind mounts of the same device are known by their path alone. A change of device counts for directories only: on overlayfs a file may be of
 * another device than its directory.
 */
const isMounted = ({ name, stat }: Child, { options, parent }: Visit): boolean =>
  (stat.isDirectory() && stat.dev !== parent.held.dev) ||
  (options.mounts.size > 0 && options.mounts.has(pathIn(parent, name)));

function* enter(child: Child, relative: string, { options, parent }: Visit): Generator<Walked> {
  let held: HeldDirectory;
  try {
    held = holdChild(parent.held, child.name, identityOf(child.stat));
  } catch (error) {
    yield omitError(options, relative, error);
    return;
  }
  try {
    yield* walkDirectory({ held, relative, stat: child.stat }, options);
  } finally {
    held.close();
  }
}

function walkedFile({ name, stat }: Child, facts: Facts, context: Visit): WalkedFile {
  const { place, companions } = context;
  const { size } = stat;
  const sidecars = companions.size === 0 ? NO_SIDECARS : sidecarsOf(name, companions);
  const mayBeInUse = size > BLOCK_BYTES || sidecars.length > 0;
  const copyBytes =
    mayBeInUse && isDatabase(context.parent.held, name, stat) ? copySize(stat, sidecars, companions) : 0;
  // Written out: this runs for every file, and spreading objects is what it would spend most of its time on.
  const { name: entry, mode, mtimeMs, owner } = facts;
  const occupied = occupiedBy(stat);
  const file = {
    kind: 'file' as const,
    name: entry,
    mode,
    mtimeMs,
    place,
    base: name,
    size,
    sidecars,
    copyBytes,
    occupied,
  };
  return owner === undefined ? file : { ...file, owner };
}

const NO_SIDECARS: string[] = [];

const occupiedBy = ({ size, blocks }: Stats): number => Math.min(size, blocks * DISK_BLOCK);

/** A look for the estimate of space; what is captured is decided when it is read. */
function isDatabase(held: HeldDirectory, name: string, listed: Stats): boolean {
  try {
    const fd = openFile(held, name);
    try {
      return isSameNode(fstatSync(fd), listed) && startsAsSqlite(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

const copySize = (stat: Stats, sidecars: readonly string[], companions: ReadonlyMap<string, Stats>): number =>
  sidecars
    .filter((sidecar) => !sidecar.endsWith('-shm'))
    .reduce((sum, sidecar) => sum + (companions.get(sidecar)?.size ?? 0), stat.size);

function walkedLink({ name }: Child, link: { facts: Facts; relative: string }, context: Visit): Walked {
  const { options, parent } = context;
  const { facts, relative } = link;
  try {
    const target = decoded(readlinkSync(parent.held.at(name), { encoding: 'buffer' }));
    if (target === null) return omit(options, relative, 'link_target_not_representable', 'it is not valid UTF-8');
    const content = linkTarget(parent.held, name, options);
    if (content === null) return { kind: 'symlink', ...facts, target };
    const { at, stat } = content;
    const file = { kind: 'file' as const, ...facts, ...at, mode: stat.mode, size: stat.size, target };
    return { ...file, sidecars: NO_SIDECARS, copyBytes: 0, occupied: occupiedBy(stat) };
  } catch (error) {
    return omitError(options, relative, error);
  }
}

const sidecarsOf = (name: string, companions: ReadonlyMap<string, Stats>): string[] =>
  ['-wal', '-journal', '-shm'].map((suffix) => `${name}${suffix}`).filter((sidecar) => companions.has(sidecar));

const companionsIn = (children: readonly Child[]): Map<string, Stats> =>
  new Map(
    children.filter(({ name, stat }) => SIDECAR.test(name) && stat.isFile()).map(({ name, stat }) => [name, stat]),
  );

function omit(options: WalkOptions, relative: string, reason: OmissionReason, detail?: string): Walked {
  const path = `${options.prefix}${relative}`;
  return { kind: 'omission', omission: { path, reason, ...(detail === undefined ? {} : { detail }) } };
}

const omitError = (options: WalkOptions, relative: string, error: unknown): Walked => ({
  kind: 'omission',
  omission: omissionOf(`${options.prefix}${relative}`, error),
});
