import { mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { carryBack, carryOver } from './carry-over';
import { clearPlace, renameClearing, renameInto } from './clear-place';
import { syncDirectory } from './directory-sync';
import { type HeldDirectory, holdChild, nodeAt } from './held-directory';
import { asideName, type OpenTarget, partName, stagedName } from './open-target';
import { nameForCalls, nameFromBytes } from './raw-name';
import { pathsAbove } from './relative-path';

/**
 * Exchanges the children of a directory that has to stay. The old ones first go to `old.part`; renaming that to `old` marks, in one
 * step, that whatever lies in the directory from then on is new. Fixed places and the directories above them stay.
 */
export async function swapChildren(open: OpenTarget, work: HeldDirectory): Promise<void> {
  const { area } = open;
  await mkdir(work.at(partName(open)), { mode: 0o700 });
  const layout = layoutOf(open);
  await withChild(work, partName(open), (part) => moveChildren({ from: area, to: part, layout, move: renameInto }));
  await rename(work.at(partName(open)), work.at(asideName(open)));
  await syncDirectory(work);
  await carryOver(open, work);
  await withChild(work, stagedName(open), (staged) =>
    moveChildren({ from: staged, to: area, layout, move: renameInto }),
  );
  await syncDirectory(area);
}

/** Brings the old children back, from any step of {@link swapChildren} or of itself. */
export async function unswapChildren(open: OpenTarget, work: HeldDirectory): Promise<void> {
  const { area } = open;
  const layout = layoutOf(open);
  if (nodeAt(work, asideName(open)) !== null) {
    if (nodeAt(work, stagedName(open)) === null) await mkdir(work.at(stagedName(open)), { mode: 0o700 });
    // What another program has put in the place of new content is not to replace what was carried over.
    const keepStaged: Rename = async (from, to, source) =>
      nodeAt(to.directory, to.name) === null ? rename(from, to.directory.at(to.name)) : clearPlace(open, work, source);
    await withChild(work, stagedName(open), (staged) =>
      moveChildren({ from: area, to: staged, layout, move: keepStaged }),
    );
    await carryBack(open, work);
    await rename(work.at(asideName(open)), work.at(partName(open)));
  }
  if (nodeAt(work, partName(open)) === null) return;
  const makeRoom: Rename = async (from, to) => {
    if (nodeAt(to.directory, to.name) !== null) await clearPlace(open, work, to);
    await renameClearing(from, to, { open, work });
  };
  await withChild(work, partName(open), (part) => moveChildren({ from: part, to: area, layout, move: makeRoom }));
  await removeEmptyDirectories(work, partName(open));
  await syncDirectory(area);
}

/** What of a target stays in its place. */
interface Layout {
  /** Fixed paths. */
  fixed: ReadonlySet<string>;
  /** The directories above them, without the target itself. */
  above: ReadonlySet<string>;
  /** The private directory of the transaction, where it lies in the target. */
  own: ReadonlySet<string>;
}

function layoutOf({ target }: OpenTarget): Layout {
  const above = new Set(target.fixed.flatMap(pathsAbove));
  const isInside = dirname(target.staged) !== target.path;
  // Version 1 of the journal had the staged and the old content in the target itself.
  const names = isInside ? [dirname(target.staged)] : [target.staged, target.aside, `${target.aside}.part`];
  return { fixed: new Set(target.fixed), above, own: new Set(names.map((path) => basename(path))) };
}

interface Place {
  directory: HeldDirectory;
  name: string | Buffer;
}

type Rename = (from: string | Buffer, to: Place, source: Place) => Promise<void>;

interface Move {
  from: HeldDirectory;
  to: HeldDirectory;
  layout: Layout;
  /** Of both directories, relative to the target. */
  path?: string;
  /** Moves one child, and says what becomes of something that is in its place. */
  move: Rename;
}

/** Moves every child but those that stay; in directories above a fixed place, child by child. */
async function moveChildren({ from, to, layout, path = '', move }: Move): Promise<void> {
  for (const bytes of await readdir(from.at(), { encoding: 'buffer' })) {
    const name = nameFromBytes(bytes);
    const child = path === '' ? name : `${path}/${name}`;
    if (layout.fixed.has(child) || (path === '' && layout.own.has(name))) continue;
    const call = nameForCalls(name);
    const source = { directory: from, name: call };
    if (!layout.above.has(child)) await move(at(source), { directory: to, name: call }, source);
    else await moveAbove({ from, to, layout, path: child, move }, call);
  }
}

const at = ({ directory, name }: Place): string | Buffer =>
  typeof name === 'string' ? directory.at(name) : directory.at(name);

async function moveAbove({ from, to, layout, path = '', move }: Move, name: string | Buffer): Promise<void> {
  if (nodeAt(from, name)?.isDirectory() !== true) return;
  if (nodeAt(to, name) === null) await mkdir(at({ directory: to, name }), { mode: 0o700 });
  await withChild(from, name, (source) =>
    withChild(to, name, async (target) => {
      await moveChildren({ from: source, to: target, layout, path, move });
      await syncDirectory(target);
    }),
  );
}

async function withChild<T>(
  parent: HeldDirectory,
  name: string | Buffer,
  act: (child: HeldDirectory) => Promise<T>,
): Promise<T> {
  const child = holdChild(parent, name);
  try {
    return await act(child);
  } finally {
    child.close();
  }
}

/** The directories above fixed places were made anew on the way out. */
async function removeEmptyDirectories(parent: HeldDirectory, name: string | Buffer): Promise<void> {
  await withChild(parent, name, async (directory) => {
    for (const child of await readdir(directory.at(), { encoding: 'buffer' }))
      await removeEmptyDirectories(directory, child);
  });
  await rmdir(at({ directory: parent, name }));
}
