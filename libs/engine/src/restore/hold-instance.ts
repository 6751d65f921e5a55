import type { RestorePayload } from '@pawvault/contracts';
import type { LockOptions } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import { type LockedInstance, lockInstance } from './recover-instance';
import { ensureWorkingDirectory } from './working-directory';

/** A full restore makes the working directory where there is none; if it fails, there is none again. */
export async function inWorkingDirectory<T>(
  deps: EngineDeps,
  { mode }: RestorePayload,
  act: () => Promise<T>,
): Promise<T> {
  const takeAway = mode === 'full' ? await ensureWorkingDirectory(deps) : null;
  try {
    return await act();
  } catch (error) {
    await takeAway?.().catch(() => undefined);
    throw error;
  }
}

/** Holds the instance for as long as something takes. @throws DomainError as {@link lockInstance} */
export async function underLock<T>(
  deps: EngineDeps,
  wait: LockOptions,
  act: (locked: LockedInstance) => Promise<T>,
): Promise<T> {
  const locked = await lockInstance(deps, wait);
  try {
    return await act(locked);
  } finally {
    await locked.lock.release();
  }
}
