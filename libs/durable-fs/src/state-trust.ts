import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, type Stats, unlinkSync } from 'node:fs';
import { getegid, geteuid } from 'node:process';
import { DomainError } from '@pawvault/contracts';
import type { HeldDirectory } from './held-directory';

/** Why a file or directory is not taken for PawVault's own; stands in `details.reason`. */
export type Untrusted =
  | 'link'
  | 'not_a_file'
  | 'not_a_directory'
  | 'foreign_owner'
  | 'writable_by_others'
  | 'hard_link'
  | 'too_large'
  | 'content';

const MEANING: Record<Untrusted, string> = {
  link: 'it is a symbolic link',
  not_a_file: 'it is no regular file',
  not_a_directory: 'it is no directory',
  foreign_owner: 'it belongs to another user',
  writable_by_others: 'other users may write to it',
  hard_link: 'it has a second name',
  too_large: 'it is larger than any that PawVault writes',
  content: 'it says what PawVault would not have written',
};

/** @param path for the message */
export const untrusted = (path: string, reason: Untrusted): DomainError =>
  new DomainError('STATE_FILE_UNTRUSTED', `${path}: ${MEANING[reason]}`, { path, reason });

type Rights = Pick<Stats, 'uid' | 'gid' | 'mode' | 'dev'>;

/**
 * Whether only this user and root can have written something, judged by its owner and mode.
 *
 * Writing by this process's own group is let pass: Kubernetes gives a volume with `fsGroup` to the group of the pod, and makes all of it
 * writable for it. Some file systems (CIFS, FUSE, NFS that maps root to another user) show other owners or modes than were asked for; there, what
 * a new file of this process looks like is what its own files look like.
 * @param directory where the file lies, or the directory itself
 */
export function untrustedRights(found: Rights, directory: HeldDirectory): Untrusted | null {
  const reason = judge(found, { uid: geteuid?.(), mode: 0 });
  if (reason === null) return null;
  const own = newFileIn(directory);
  return own === null || own.dev !== found.dev ? reason : judge(found, own);
}

function judge({ uid, gid, mode }: Rights, own: { uid: number | undefined; mode: number }): Untrusted | null {
  if (own.uid !== undefined && uid !== own.uid && uid !== 0) return 'foreign_owner';
  const byOthers = mode & 0o002 & ~own.mode;
  const byGroup = gid === getegid?.() ? 0 : mode & 0o020 & ~own.mode;
  return byOthers === 0 && byGroup === 0 ? null : 'writable_by_others';
}

/** Asked only if something looks foreign, and not remembered: a mount may change. null if nothing can be written there. */
function newFileIn(directory: HeldDirectory): Rights | null {
  const path = directory.at(`.probe.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    try {
      return fstatSync(fd);
    } finally {
      closeSync(fd);
      unlinkSync(path);
    }
  } catch {
    return null;
  }
}
