import { constants, type Stats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { errnoOf } from './fs-errors';

/** Why a file is not taken for one that this program has written. */
export class NotOurFile extends Error {
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`);
  }
}

const MAX_BYTES = 256 * 1024 * 1024;
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a file that only this program can have written: regular, of the effective user, with one name, and not writable by others. For files
 * that lie where another program could have put one.
 * @returns null where there is none
 * @throws {@link NotOurFile}; system errors
 */
export async function readOwnFile(path: string): Promise<Buffer | null> {
  const handle = await open(path, FLAGS).catch((error: unknown) => refuse(path, error));
  if (handle === null) return null;
  try {
    const reason = foreignness(await handle.stat());
    if (reason !== null) throw new NotOurFile(path, reason);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Why a file that cannot be opened is none of ours. @returns null where there is none */
async function refuse(path: string, error: unknown): Promise<null> {
  const errno = errnoOf(error);
  if (errno === 'ENOENT') return null;
  if (errno === 'ELOOP') throw new NotOurFile(path, 'it is a symbolic link');
  if (errno === 'ENXIO') throw new NotOurFile(path, 'it is not a regular file');
  if (errno === 'EACCES') throw new NotOurFile(path, foreignness(await lstat(path)) ?? 'its owner may not read it');
  throw error;
}

function foreignness(stat: Stats): string | null {
  if (!stat.isFile()) return 'it is not a regular file';
  if (stat.uid !== (process.geteuid?.() ?? stat.uid)) return `it belongs to user ${stat.uid}`;
  if ((stat.mode & 0o022) !== 0) return 'other users may write to it';
  if (stat.nlink !== 1) return `it has ${stat.nlink} names`;
  return stat.size > MAX_BYTES ? 'it is too large' : null;
}
