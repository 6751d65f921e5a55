import type { JobWarning, Omission } from '@pawvault/contracts';
import { errnoOf } from '@pawvault/durable-fs';
import { NOT_A_REGULAR_FILE } from '../capture/stable-read';

const OWN_ERRORS = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Why a path is not in the archive. Whatever the file system says of one file, it never fails the backup.
 * @throws every error that is no system call's: those are defects, not facts about the instance; and that of a full disk: reading needs no
 *   space, so it is the copy of a database that did not fit, and the backup would be short of it for a reason that can be cured
 */
export function omissionOf(path: string, error: unknown): Omission {
  const errno = errnoOf(error);
  if (errno === undefined || OWN_ERRORS.has(errno)) throw error;
  const detail = BECAME[errno];
  if (detail !== undefined) return { path, reason: 'vanished', ...(detail === '' ? {} : { detail }) };
  return { path, reason: 'unreadable', detail: errno };
}

/** What a path became between listing and reading. ESTALE: see NotTheSameDirectory; NFS says it of what is gone on the server, too. */
const BECAME: Partial<Record<string, string>> = {
  ENOENT: '',
  ENOTDIR: '',
  ELOOP: 'it became a symbolic link',
  ESTALE: 'its directory was exchanged for another',
  [NOT_A_REGULAR_FILE]: 'it became something else than a file',
};

export const changedWarning = (path: string): JobWarning => ({
  code: 'FILE_CHANGED_WHILE_READ',
  message: `${path} changed each time it was read; the backup holds the last reading`,
  details: { path },
});
