import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { errnoOf, toDomainError } from './fs-errors';
import { holdDirectory, knownPath } from './held-directory';
import { giveOpened } from './ownership';
import { untrusted } from './state-trust';

/** An exclusive lock that QwenPaw's `flock(LOCK_EX)` on the same file respects. It falls when this process dies; a frozen process keeps it. */
export interface FileLock {
  /** Whether it has not been released yet. */
  held(): boolean;
  release(): Promise<void>;
}

export interface LockOptions {
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Takes `flock(LOCK_EX)` on a file, creating it when needed. Node has no such call, so util-linux' `flock` makes it on a descriptor that it
 * inherits; the lock belongs to the open file, which stays open here. A link in the place of the file is not followed: QwenPaw's working
 * directory is no place in which only PawVault writes.
 * @throws DomainError restore_target_busy when it is not free within the time; STATE_FILE_UNTRUSTED {path, reason} for what is no regular
 *   file; PERMISSION_DENIED, and IO_ERROR also without a `flock` command that does as util-linux' does
 */
export async function acquireFileLock(path: string, options: LockOptions): Promise<FileLock> {
  options.signal.throwIfAborted();
  const fd = openLockFile(path);
  try {
    await lockDescriptor(fd, knownPath(path), options);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  let held = true;
  const release = (): Promise<void> => {
    if (held) closeSync(fd);
    held = false;
    return Promise.resolve();
  };
  return { held: () => held, release };
}

function openLockFile(path: string): number {
  try {
    const directory = holdDirectory(dirname(path));
    try {
      const fd = openWithin(directory.at(basename(path)));
      const stat = fstatSync(fd);
      // One that we have just made must be open to QwenPaw as well, which owns the directory.
      if (stat.isFile() && stat.uid === process.geteuid?.()) giveOpened(fd, fstatSync(directory.fd));
      if (stat.isFile()) return fd;
      closeSync(fd);
      throw untrusted(knownPath(path), 'not_a_file');
    } finally {
      directory.close();
    }
  } catch (error) {
    const known = knownPath(path);
    if (errnoOf(error) === 'ELOOP') throw untrusted(known, 'link');
    if (errnoOf(error) === 'EISDIR' || errnoOf(error) === 'ENXIO') throw untrusted(known, 'not_a_file');
    throw toDomainError(error, known);
  }
}

const CREATING = constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * With the mode that the `flock` command would give it: QwenPaw, maybe as another user, opens the file as well. For writing, because NFS gives
 * exclusive locks only then; for reading where QwenPaw's own file allows no more.
 */
function openWithin(path: string): number {
  try {
    return openSync(path, constants.O_RDWR | CREATING, 0o666);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(error) ?? '')) throw error;
    return openSync(path, constants.O_RDONLY | CREATING, 0o666);
  }
}

/** No exit code of its own means this. */
const BUSY = 75;
const INHERITED = 3;

async function lockDescriptor(fd: number, path: string, { timeoutMs, signal }: LockOptions): Promise<void> {
  const wait = ['--timeout', (timeoutMs / 1000).toFixed(3), '--conflict-exit-code', String(BUSY)];
  const child = spawn('flock', ['--exclusive', ...wait, String(INHERITED)], {
    stdio: ['ignore', 'ignore', 'pipe', fd],
    env: process.env,
    signal,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close').catch((error: unknown) => {
    signal.throwIfAborted();
    throw withoutFlock(path, error);
  })) as [number | null];
  signal.throwIfAborted();
  if (code === 0) return;
  if (code === BUSY) throw new DomainError('restore_target_busy', undefined, { path });
  throw new DomainError('IO_ERROR', `flock could not lock ${path}: ${said.trim().split('\n')[0] ?? ''}`, {
    path,
    exit_code: code,
  });
}

const withoutFlock = (path: string, cause: unknown): DomainError =>
  new DomainError('IO_ERROR', 'The command "flock" (util-linux) is needed to lock the instance', { path }, { cause });
