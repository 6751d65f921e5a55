import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DomainError } from '@pawvault/contracts';

/** An exclusive lock that QwenPaw's `flock(LOCK_EX)` on the same file respects. */
export interface FileLock {
  /** False once the holder of the lock is gone: whoever relies on it must stop. */
  held(): boolean;
  release(): Promise<void>;
}

/**
 * Takes `flock(LOCK_EX)` on a file, creating it when needed. Node has no such call; util-linux' `flock` holds the lock in a child whose life is
 * tied to this process by a pipe: when this process dies, however, the lock falls. A process that is frozen keeps it.
 * @throws DomainError restore_target_busy when it is not free within the time; IO_ERROR where there is no `flock` command
 */
export async function acquireFileLock(
  path: string,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<FileLock> {
  const seconds = (options.timeoutMs / 1000).toFixed(3);
  const child = spawn('flock', ['--exclusive', '--timeout', seconds, path, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let alive = true;
  const ended = once(child, 'exit').then(() => (alive = false));
  const failed = once(child, 'error').then(([error]: unknown[]) => {
    alive = false;
    throw new DomainError(
      'IO_ERROR',
      'The command "flock" (util-linux) is needed to lock the instance',
      { path },
      { cause: error },
    );
  });
  failed.catch(() => undefined);
  // Writing to a child that has gone is no news: `held` tells.
  child.stdin.on('error', () => undefined);
  const release = async (): Promise<void> => {
    child.stdin.end();
    if (alive) await ended;
  };
  const locked = once(child.stdout, 'data').then(() => true);
  const aborted = new Promise<boolean>((resolve) =>
    options.signal.addEventListener('abort', () => resolve(false), { once: true }),
  );
  const acquired = await Promise.race([locked, ended.then(() => false), failed.then(() => false), aborted]);
  if (acquired && !options.signal.aborted) return { held: () => alive, release };
  child.kill('SIGKILL');
  options.signal.throwIfAborted();
  throw new DomainError('restore_target_busy', undefined, { path });
}
