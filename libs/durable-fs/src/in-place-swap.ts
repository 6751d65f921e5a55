import { constants } from 'node:fs';
import { type FileHandle, open as openFile, rename } from 'node:fs/promises';
import { errnoOf } from './fs-errors';
import {
  type HeldDirectory,
  type Identity,
  isSameNode,
  knownPath,
  nodeAt,
  NotTheSameDirectory,
} from './held-directory';
import { asideName, type OpenTarget, ownName, partName, stagedName } from './open-target';
import { removeFile } from './remove';

/**
 * Overwrites a file that cannot be renamed; mode and time come along with the content. Until the copy of the old content is complete and on
 * disk, the file is not touched.
 */
export async function swapInPlace(open: OpenTarget, work: HeldDirectory): Promise<void> {
  const part = work.at(partName(open));
  await removeFile(part);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  await copy({ from: open.area.at(ownName(open)), to: part, flags, isFrom: open.former });
  await rename(part, work.at(asideName(open)));
  await overwrite(open, work.at(stagedName(open)));
}

/** Writes the old content back, as often as it takes. */
export async function unswapInPlace(open: OpenTarget, work: HeldDirectory): Promise<void> {
  await removeFile(work.at(partName(open)));
  if (nodeAt(work, asideName(open)) === null) return;
  await overwrite(open, work.at(asideName(open)));
  await removeFile(work.at(asideName(open)));
}

const overwrite = (open: OpenTarget, from: string): Promise<void> =>
  copy({ from, to: open.area.at(ownName(open)), flags: constants.O_RDWR, isTo: open.former });

interface Copy {
  from: string;
  to: string;
  flags: number;
  /** Which file was decided on; another one is neither read nor written. */
  isFrom?: Identity | null;
  isTo?: Identity | null;
}

/** Neither file is reached through a link, and none is waited for. */
async function copy({ from, to, flags, isFrom = null, isTo = null }: Copy): Promise<void> {
  const source = await openFile(from, constants.O_RDONLY | NEVER_ELSEWHERE);
  try {
    await assertIs(source, isFrom, from);
    const target = await openFile(to, flags | NEVER_ELSEWHERE, 0o600);
    try {
      await assertIs(target, isTo, to);
      await copyContent(source, target);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

const NEVER_ELSEWHERE = constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function assertIs(file: FileHandle, expected: Identity | null, path: string): Promise<void> {
  const found = await file.stat();
  const isExpected = found.isFile() && (expected === null || isSameNode(found, expected));
  if (!isExpected) throw new NotTheSameDirectory(knownPath(path));
}

async function copyContent(source: FileHandle, target: FileHandle): Promise<void> {
  const content = await source.readFile();
  for (let at = 0; at < content.length;) at += (await target.write(content, at, content.length - at, at)).bytesWritten;
  await target.truncate(content.length);
  const { mode, atimeMs, mtimeMs } = await source.stat();
  await ifAllowed(target.chmod(mode & 0o7777));
  await ifAllowed(target.utimes(atimeMs / 1000, mtimeMs / 1000));
  await target.sync();
}

/** The file may belong to another user and be open to us by its group. */
async function ifAllowed(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error;
  }
}
