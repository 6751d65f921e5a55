import { mkdir, rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { clearPlace } from './clear-place';
import { syncDirectory } from './directory-sync';
import { syncFileSystem } from './file-system-sync';
import { errnoOf } from './fs-errors';
import { type HeldDirectory, holdBelow, holdChild, nodeAt, NotTheSameDirectory } from './held-directory';
import { asideName, type OpenTarget, stagedName } from './open-target';
import { nameForCalls } from './raw-name';
import { parentPath } from './relative-path';

/** Moves what survives from the old content, which is set aside by now, into the staged one: the same inode, at its new path. */
export const carryOver = (open: OpenTarget, work: HeldDirectory): Promise<void> =>
  moveAll(work, { from: asideName(open), to: stagedName(open), moves: open.target.carry, free: occupied });

/** The reverse, from any step of either. */
export const carryBack = (open: OpenTarget, work: HeldDirectory): Promise<void> =>
  moveAll(work, {
    from: stagedName(open),
    to: asideName(open),
    moves: [...open.target.carry].reverse().map(({ from, to }) => ({ from: to, to: from })),
    free: (directory, name) => clearPlace(open, work, { directory, name }),
    makesParents: true,
  });

/** rename would replace it. The plan chose a free name, so another program has put it there. */
function occupied(directory: HeldDirectory, name: string | Buffer): never {
  throw new NotTheSameDirectory(`${directory.path}/${name.toString()}`);
}

/** As many directories are synced one by one; beyond that one call for the whole file system costs less. */
const FEW = 8;

interface Moves {
  from: string;
  to: string;
  moves: readonly { from: string; to: string }[];
  /** What becomes of something that stands in a place. */
  free: (directory: HeldDirectory, name: string | Buffer) => Promise<void>;
  /** Another program may have removed the directories that a path comes back to; what was carried must not be lost by that. */
  makesParents?: true;
}

async function moveAll(work: HeldDirectory, moving: Moves): Promise<void> {
  const { from, to, moves } = moving;
  if (moves.length === 0 || !isDirectoryAt(work, from) || !isDirectoryAt(work, to)) return;
  const source = holdBelow(work, from);
  try {
    const target = holdBelow(work, to);
    try {
      const few = moves.length <= FEW;
      for (const move of moves)
        await moveOne({ source, target }, move, { ...moving, sync: few ? syncDirectory : () => undefined });
      if (!few) await syncFileSystem(work.path);
    } finally {
      target.close();
    }
  } finally {
    source.close();
  }
}

/** What is gone already, or has been moved before, is left as it is. */
async function moveOne(
  { source, target }: { source: HeldDirectory; target: HeldDirectory },
  move: { from: string; to: string },
  {
    free,
    makesParents,
    sync,
  }: Pick<Moves, 'free' | 'makesParents'> & { sync: (directory: HeldDirectory) => Promise<void> | undefined },
): Promise<void> {
  const parent = parentOf(source, move.from);
  if (parent === null) return;
  try {
    const name = nameForCalls(basename(move.from));
    if (nodeAt(parent, name) === null) return;
    const into = makesParents
      ? await makeBelow(target, parentPath(move.to), free)
      : holdBelow(target, parentPath(move.to));
    try {
      const place = nameForCalls(basename(move.to));
      if (nodeAt(into, place) !== null) await free(into, place);
      await rename(parent.at(name), into.at(place));
      await sync(into);
      await sync(parent);
    } finally {
      into.close();
    }
  } finally {
    parent.close();
  }
}

const isDirectoryAt = (work: HeldDirectory, name: string): boolean => nodeAt(work, name)?.isDirectory() === true;

/** Holds a directory further down; what is missing on the way is made, and what is no directory is put out of the way. */
async function makeBelow(root: HeldDirectory, path: string, free: Moves['free']): Promise<HeldDirectory> {
  let current = holdBelow(root, '');
  for (const part of path.split('/')) {
    if (part === '') continue;
    const parent = current;
    try {
      const name = nameForCalls(part);
      const found = nodeAt(parent, name);
      if (found !== null && !found.isDirectory()) await free(parent, name);
      if (found?.isDirectory() !== true) await mkdir(parent.at(name), { mode: 0o700 });
      current = holdChild(parent, name);
    } finally {
      parent.close();
    }
  }
  return current;
}

function parentOf(root: HeldDirectory, path: string): HeldDirectory | null {
  try {
    return holdBelow(root, parentPath(path));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) return null;
    throw error;
  }
}
