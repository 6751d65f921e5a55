import type { Stats } from 'node:fs';
import { errnoOf, mayGiveAway } from '@pawvault/durable-fs';

/** Asked once: capabilities do not come back. */
let isPrivileged: boolean | undefined;

/**
 * Why a file cannot be read, or null. The file system is only asked where mode and owner leave it open.
 * @param ask throws the system error when it cannot be read
 */
export function readabilityOf(stat: Stats, ask: () => void): string | null {
  if (!stat.isFile()) return null;
  isPrivileged ??= mayGiveAway();
  const isOwn = stat.uid === process.geteuid?.();
  if (isPrivileged || (isOwn && (stat.mode & 0o400) !== 0)) return null;
  try {
    ask();
    return null;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return null;
    if (errno !== 'EACCES' && errno !== 'EPERM') throw error;
    return errno;
  }
}
