import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { writeFileAtomic } from './atomic-write';
import { errnoOf, toDomainError } from './fs-errors';
import type { HeldDirectory } from './held-directory';
import { removeFile } from './remove';
import { holdStateDirectory, makeStateDirectory, type StatePlace } from './state-directory';
import { type Untrusted, untrusted, untrustedRights } from './state-trust';

export interface StateFile extends StatePlace {
  /** One component. */
  name: string;
}

export interface StateFileLimits {
  maxBytes: number;
  /**
   * Names that the file may have, 1 unless told otherwise. One that is published by `link` has two for a moment, and keeps both if the
   * process dies then.
   */
  maxLinks?: number;
}

/** A link is not followed, and a fifo does not keep the reader waiting. */
const READING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads back what PawVault has written in a place where others may write, too: QwenPaw and its agents on the volume of the backups. Whether it
 * is PawVault's own is decided on the open file, in directories that are held open.
 * @returns null if there is no such file
 * @throws DomainError STATE_FILE_UNTRUSTED {path, reason}; PERMISSION_DENIED, IO_ERROR
 */
export async function readStateFile(file: StateFile, limits: StateFileLimits): Promise<Buffer | null> {
  const directory = holdStateDirectory(file);
  if (directory === null) return null;
  try {
    return await readIn(directory, file.name, limits);
  } finally {
    directory.close();
  }
}

/** As `readStateFile`, for many files of one directory that is held already. */
export async function readIn(directory: HeldDirectory, name: string, limits: StateFileLimits): Promise<Buffer | null> {
  const path = `${directory.path}/${name}`;
  let handle: FileHandle | null = null;
  try {
    handle = await open(directory.at(name), READING);
    const found = await handle.stat();
    const reason = found.isFile() ? unfit(found, limits) : 'not_a_file';
    const suspicion = reason ?? untrustedRights(found, directory);
    if (suspicion !== null) throw untrusted(path, suspicion);
    return await readSized(handle, found.size);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    if (errnoOf(error) === 'ELOOP') throw untrusted(path, 'link');
    if (errnoOf(error) === 'ENXIO') throw untrusted(path, 'not_a_file');
    throw toDomainError(error, path);
  } finally {
    await handle?.close();
  }
}

const unfit = (
  found: { nlink: number; size: number },
  { maxBytes, maxLinks = 1 }: StateFileLimits,
): Untrusted | null => {
  if (found.nlink > maxLinks) return 'hard_link';
  return found.size > maxBytes ? 'too_large' : null;
};

/** No more than it had when it was looked at. */
async function readSized(handle: FileHandle, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await handle.read(buffer, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

/** Writes the file atomically, into directories that are made if they are missing and that have to be PawVault's own. */
export async function writeStateFile(file: StateFile, data: string | Uint8Array): Promise<void> {
  const directory = makeStateDirectory(file);
  try {
    await writeIn(directory, file.name, data);
  } finally {
    directory.close();
  }
}

/** As `writeStateFile`, in a directory that is held already. */
export async function writeIn(directory: HeldDirectory, name: string, data: string | Uint8Array): Promise<void> {
  try {
    await writeFileAtomic(directory.at(name), data);
  } catch (error) {
    throw toDomainError(error, `${directory.path}/${name}`);
  }
}

/** One that is gone already is fine. */
export async function removeStateFile(file: StateFile): Promise<void> {
  const directory = holdStateDirectory(file);
  if (directory === null) return;
  try {
    await removeFile(directory.at(file.name));
  } catch (error) {
    throw toDomainError(error, `${directory.path}/${file.name}`);
  } finally {
    directory.close();
  }
}
