import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, toDomainError } from '@pawvault/durable-fs';

/** Between a claim and the record that follows from it lies one write. Whoever has not made it by then has died. */
const STALE_MS = 30_000;

/**
 * Takes the n-th decision about an import for the caller. A name can be created once; a claim that nothing followed is passed over, not removed:
 * two who remove it would both get the next.
 * @returns false when somebody else has it
 * @throws DomainError DISK_FULL, PERMISSION_DENIED, IO_ERROR
 */
export async function claimDecision(directory: string, nth: number, now: Date): Promise<boolean> {
  for (let attempt = 0; ; attempt += 1) {
    const path = join(directory, `decision-${nth}.${attempt}`);
    try {
      await writeFile(path, '', { flag: 'wx', mode: 0o600 });
      return true;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw toDomainError(error, path);
      const { mtimeMs } = await stat(path);
      if (now.getTime() - mtimeMs < STALE_MS) return false;
    }
  }
}
