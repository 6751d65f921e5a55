import { readdir, readlink, realpath, stat, lstat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { errnoOf, isPresent, toDomainError } from '@pawvault/durable-fs';

/** A path as the disk sees it. */
export interface Place {
  /** Real path; for what does not exist, the real path of the nearest directory above it and the names below. */
  path: string;
  /** As `path`, but folded where the file system does not tell upper from lower case. */
  key: string;
  /** Whether names below it, or beside it where it is absent, are matched without regard to case. */
  folds: boolean;
  /** Device and inode of what is there: two mounts of one directory have different paths. */
  inode: string | null;
  /** blocked: something other than a directory is in the way. */
  kind: 'directory' | 'absent' | 'blocked';
  /** The link that leads nowhere, if that is what is in the way: at the place or above it. */
  danglingLink?: { link: string; leads_to: string };
}

/** Tells whether names in a directory are matched without regard to case. */
export type CaseProbe = (directory: string) => Promise<boolean>;

/**
 * Finds out where a path really leads; reads only.
 * @param path absolute and normalised
 * @throws DomainError PERMISSION_DENIED, IO_ERROR
 */
export async function locate(path: string, foldsCase: CaseProbe = probeCase): Promise<Place> {
  const real = await realpath(path).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) return null;
    throw toDomainError(error, path);
  });
  return real === null ? locateAbsent(path, foldsCase) : locatePresent(real, foldsCase);
}

async function locatePresent(path: string, foldsCase: CaseProbe): Promise<Place> {
  const found = await stat(path);
  const directory = found.isDirectory();
  const folds = await foldsCase(directory ? path : dirname(path));
  return {
    path,
    key: folds ? fold(path) : path,
    folds,
    inode: `${found.dev}:${found.ino}`,
    kind: directory ? 'directory' : 'blocked',
  };
}

async function locateAbsent(path: string, foldsCase: CaseProbe): Promise<Place> {
  const parent = await locate(dirname(path), foldsCase);
  const full = join(parent.path, basename(path));
  // A link that leads nowhere: what is written through it would appear in a place that nobody has looked at.
  const dangling = await isPresent(path);
  const kind = dangling || parent.kind === 'blocked' ? 'blocked' : 'absent';
  const danglingLink = (dangling ? await linkAt(full) : null) ?? parent.danglingLink;
  const place: Place = { path: full, key: parent.folds ? fold(full) : full, folds: parent.folds, inode: null, kind };
  return danglingLink === undefined ? place : { ...place, danglingLink };
}

async function linkAt(link: string): Promise<Place['danglingLink'] | null> {
  const target = await readlink(link).catch(() => null);
  return target === null ? null : { link, leads_to: resolve(dirname(link), target) };
}

/** The real path of what is there, or, for what is absent, the one that it will have. */
export async function realPlace(path: string): Promise<string> {
  if ((await isPresent(path)) || dirname(path) === path) return realpath(path);
  return join(await realPlace(dirname(path)), basename(path));
}

export const isSame = (a: Place, b: Place): boolean =>
  a.path === b.path || a.key === b.key || (a.inode !== null && a.inode === b.inode);

/** Strictly below. */
export const isInside = (inner: Place, outer: Place): boolean =>
  isBelow(inner.path, outer.path) || isBelow(inner.key, outer.key);

const isBelow = (inner: string, outer: string): boolean =>
  inner !== outer && inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);

/** APFS and NTFS compare names like this, near enough for a refusal. */
export const fold = (path: string): string => path.normalize('NFC').toLowerCase();

/** One probe per device: file systems, not directories, decide about case nearly everywhere, and a directory may be long. */
export function probePerDevice(probe: CaseProbe = probeCase): CaseProbe {
  const known = new Map<number, Promise<boolean>>();
  return async (directory) => {
    const { dev } = await stat(directory);
    const answer = known.get(dev) ?? probe(directory);
    known.set(dev, answer);
    return answer;
  };
}

/** Looks for a name that can be spelled otherwise, inside the directory or, on the same device, above it. */
async function probeCase(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch(() => []);
  const name = names.find((candidate) => swapCase(candidate) !== candidate);
  if (name !== undefined) return isSameFile(join(directory, name), join(directory, swapCase(name)));
  const parent = dirname(directory);
  if (parent === directory || !(await isSameDevice(directory, parent))) return false;
  const other = swapCase(basename(directory));
  return other === basename(directory) ? probeCase(parent) : isSameFile(directory, join(parent, other));
}

const swapCase = (name: string): string => (name === name.toLowerCase() ? name.toUpperCase() : name.toLowerCase());

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([lstat(a).catch(() => null), lstat(b).catch(() => null)]);
  return one !== null && other !== null && one.dev === other.dev && one.ino === other.ino;
}

async function isSameDevice(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(a), stat(b)]);
  return one.dev === other.dev;
}
