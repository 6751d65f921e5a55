import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  type DirectoryAttributes,
  errnoOf,
  isMountPoint,
  isPresent,
  type SwapKind,
  type SwapTarget,
  toDomainError,
} from '@pawvault/durable-fs';

export interface LayoutOptions {
  /** Of this restore; part of every staging name, and of nothing else on the disk. */
  id: string;
  /** Paths that a rename has refused with EBUSY or EXDEV before, though they do not look like mount points. */
  unmovable: ReadonlySet<string>;
}

export interface TargetRequest {
  /** Absolute. */
  destination: string;
  type: 'file' | 'directory';
  /** Absolute paths below the destination that stay what they are. */
  keepInside: readonly string[];
  /** What the directory itself gets; null keeps what it has. */
  attributes: DirectoryAttributes | null;
}

/** Decides how a place is exchanged, and where its new and its old content wait meanwhile: always on its own file system. */
export async function layOut(request: TargetRequest, index: number, options: LayoutOptions): Promise<SwapTarget> {
  const existed = await isPresent(request.destination);
  // A workspace may be a symbolic link: what it points to is exchanged, the link stays.
  const path = existed ? await realpath(request.destination) : request.destination;
  const kind = await kindOf(path, { existed, type: request.type, unmovable: options.unmovable });
  const area = kind === 'children' ? path : dirname(path);
  const name = (role: string): string => join(area, `.pawvault-restore-${options.id}-${index}-${role}`);
  return {
    path,
    kind,
    staged: name('new'),
    aside: name('old'),
    existed,
    carry: request.keepInside.map((inner) => inner.slice(request.destination.length + 1)),
    attributes: kind === 'children' ? await attributesOf(path, request.attributes) : null,
    made_parents: existed ? [] : await missingParents(path),
  };
}

async function kindOf(
  path: string,
  place: { existed: boolean; type: TargetRequest['type']; unmovable: ReadonlySet<string> },
): Promise<SwapKind> {
  if (!place.existed) return 'sibling';
  const fixed = place.unmovable.has(path) || (await isMountPoint(path)) || !(await isWritable(dirname(path)));
  if (!fixed) return 'sibling';
  return place.type === 'file' ? 'in-place' : 'children';
}

/** Containers often own a directory and not its parent. A disk that cannot tell is no answer: such a restore does not begin. */
async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    if (NOT_ALLOWED.has(errnoOf(error))) return false;
    throw toDomainError(error, path);
  }
}

const NOT_ALLOWED = new Set<string | undefined>(['EACCES', 'EPERM', 'EROFS']);

async function attributesOf(
  path: string,
  after: DirectoryAttributes | null,
): Promise<NonNullable<SwapTarget['attributes']>> {
  const { mode, mtimeMs } = await stat(path);
  const before = { mode: mode & 0o7777, mtime_ms: mtimeMs };
  // Special bits are the policy of who set up the volume, and no archive's.
  return { before, after: after === null ? before : { ...after, mode: (before.mode & 0o7000) | (after.mode & 0o777) } };
}

async function missingParents(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let parent = dirname(path); !(await isPresent(parent)) && basename(parent) !== ''; parent = dirname(parent)) {
    missing.unshift(parent);
  }
  return missing;
}
