import { access, constants, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  type CarriedPath,
  type DirectoryState,
  errnoOf,
  isMountPoint,
  isPresent,
  NotTheSameDirectory,
  type SwapKind,
  type SwapTarget,
  targetChanged,
  toDomainError,
} from '@pawvault/durable-fs';
import { realPlace } from './plan/place';

export interface LayoutOptions {
  /** Of this restore; part of the name of every private directory, and of nothing else on the disk. */
  id: string;
  /** Paths that a rename has refused with EBUSY or EXDEV before, though they do not look like mount points. */
  unmovable: ReadonlySet<string>;
}

export interface TargetRequest {
  /** Real path, of what is absent as well. Where a workspace is a symbolic link, what it points to is exchanged, and the link stays. */
  destination: string;
  type: 'file' | 'directory';
  /** What moves over from the present content. */
  carry: readonly CarriedPath[];
  /** Relative paths that cannot be moved and stay. */
  fixed: readonly string[];
}

/** The name of the private directory of a target; recovery takes no other for ours. */
export const privateName = (id: string, index: number): string => `.pawvault-restore-${id}-${index}`;

/** Decides how a place is exchanged, and where its new and its old content wait meanwhile: always on its own file system. */
export async function layOut(request: TargetRequest, index: number, options: LayoutOptions): Promise<SwapTarget> {
  const existed = await isPresent(request.destination);
  // The plan was made for a real path: a link that is there by now was put there since.
  const path = await realPlace(request.destination);
  if (path !== request.destination) throw new NotTheSameDirectory(request.destination);
  const kind = await kindOf(path, { ...request, existed, unmovable: options.unmovable });
  const area = join(kind === 'children' ? path : dirname(path), privateName(options.id, index));
  return {
    path,
    kind,
    staged: join(area, 'new'),
    aside: join(area, 'old'),
    existed,
    carry: request.carry.map(({ from, to }) => ({ from, to })),
    fixed: [...request.fixed],
    before: kind === 'children' ? [await stateOf(path)] : [],
    after: [],
    made_parents: existed ? [] : await missingParents(path),
  };
}

async function kindOf(
  path: string,
  place: Pick<TargetRequest, 'type' | 'fixed'> & { existed: boolean; unmovable: ReadonlySet<string> },
): Promise<SwapKind> {
  if (!place.existed) return 'sibling';
  const stays =
    place.fixed.length > 0 ||
    place.unmovable.has(path) ||
    (await isMountPoint(path)) ||
    !(await isWritable(dirname(path)));
  if (!stays) return 'sibling';
  return place.type === 'file' ? 'in-place' : 'children';
}

/** Containers often own a directory and not its parent. A disk that cannot tell is no answer: such a restore does not begin. */
async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    if (NOT_ALLOWED.has(errnoOf(error))) return false;
    throw toDomainError(targetChanged(error), path);
  }
}

const NOT_ALLOWED = new Set<string | undefined>(['EACCES', 'EPERM', 'EROFS']);

/** What the directory has now: the private directory that is made in it changes its time. */
async function stateOf(path: string): Promise<DirectoryState> {
  const { mode, mtimeMs } = await stat(path);
  return { path: '', mode: mode & 0o7777, mtime_ms: mtimeMs };
}

async function missingParents(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let parent = dirname(path); !(await isPresent(parent)) && basename(parent) !== ''; parent = dirname(parent)) {
    missing.unshift(parent);
  }
  return missing;
}
