import { closeSync, constants, fchmodSync, futimesSync, openSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { borrowDirectory, giveOpened, type HeldDirectory, holdBelow } from '@pawvault/durable-fs';
import type { WriteTarget } from '../threads/tasks';

/** Nothing in a fresh staging area is written twice, and a link that another program put there is not followed. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Holds the directory of the last file open: files that follow each other mostly lie together. */
export class DirectoryCache {
  private last: { areaFd: number; directory: string; held: HeldDirectory } | null = null;

  of({ areaFd, directory }: WriteTarget): HeldDirectory {
    if (this.last?.areaFd === areaFd && this.last.directory === directory) return this.last.held;
    this.close();
    const held = holdBelow(borrowDirectory(areaFd), directory);
    this.last = { areaFd, directory, held };
    return held;
  }

  close(): void {
    this.last?.held.close();
    this.last = null;
  }
}

/** Writes a small file of a staging area with its owner, mode and time. */
export function writeFileOnce(target: WriteTarget, content: Uint8Array, directories: DirectoryCache): void {
  const fd = openSync(directories.of(target).at(target.name), FLAGS, 0o600);
  try {
    for (let done = 0; done < content.length;) done += writeSync(fd, content, done, content.length - done);
    if (target.owner !== null) giveOpened(fd, target.owner);
    fchmodSync(fd, target.mode);
    if (target.mtimeMs !== null) futimesSync(fd, target.mtimeMs / 1000, target.mtimeMs / 1000);
  } finally {
    closeSync(fd);
  }
}

/** The same for a large file that comes in pieces. Owner, mode and time are set when it is closed. */
export interface GrowingFile {
  write(piece: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export async function createFile(target: WriteTarget): Promise<GrowingFile> {
  const directory = holdBelow(borrowDirectory(target.areaFd), target.directory);
  try {
    return new SparseFile(await open(directory.at(target.name), FLAGS, 0o600), target);
  } finally {
    directory.close();
  }
}

/** Zeros are left out in pieces of this size: smaller holes cost more than they save. */
const HOLE_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(HOLE_BYTES);

/** Long runs of zeros become holes: a database image or a disk of a virtual machine takes no more room than it did. */
class SparseFile implements GrowingFile {
  private position = 0;

  constructor(
    private readonly handle: FileHandle,
    private readonly target: WriteTarget,
  ) {}

  async write(piece: Uint8Array): Promise<void> {
    let from = 0;
    for (let at = 0; at < piece.length; at += HOLE_BYTES) {
      const part = piece.subarray(at, at + HOLE_BYTES);
      if (part.length < HOLE_BYTES || !ZEROS.equals(part)) continue;
      await this.writeAll(piece.subarray(from, at));
      this.position += HOLE_BYTES;
      from = at + HOLE_BYTES;
    }
    await this.writeAll(piece.subarray(from));
  }

  async close(): Promise<void> {
    const { owner, mode, mtimeMs } = this.target;
    try {
      await this.handle.truncate(this.position);
      if (owner !== null) giveOpened(this.handle.fd, owner);
      await this.handle.chmod(mode);
      if (mtimeMs !== null) await this.handle.utimes(mtimeMs / 1000, mtimeMs / 1000);
    } finally {
      await this.handle.close();
    }
  }

  private async writeAll(part: Uint8Array): Promise<void> {
    for (let done = 0; done < part.length;)
      done += (await this.handle.write(part, done, part.length - done, this.position + done)).bytesWritten;
    this.position += part.length;
  }
}
