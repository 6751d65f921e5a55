/**
 * The one place that touches file-system calls that must survive a crash.
 *
 * Promise: a file written here is either the old one or the whole new one, also after a power cut; names of errors are stable codes.
 * Not promised: protection from a disk that lies about fsync.
 * Invariant: nothing becomes visible under its final name before its content is on disk.
 */
export { writeFileAtomic } from './atomic-write';
export { fsyncDirectory } from './directory-sync';
export { publishFile, replaceFile } from './publish';
export { removeFile, removeTree } from './remove';
export { freeBytes } from './free-space';
export { errnoOf, toDomainError } from './fs-errors';
export { isPresent } from './presence';
export { begin, commit, discard, NotTheOwner, recover, rollBack } from './swap-transaction';
export type { Recovery, SwapStep, SwapTransaction } from './swap-transaction';
export { readJournal } from './swap-journal';
export type { SwapJournal, SwapState } from './swap-journal';
export type { DirectoryAttributes, SwapKind, SwapTarget } from './swap-target';
export { acquireFileLock } from './file-lock';
export type { FileLock } from './file-lock';
export { isMountPoint, mountPointsBelow } from './mount-point';
export { syncFileSystem } from './file-system-sync';
export {
  canHold,
  type HeldDirectory,
  type HeldRef,
  holdBelow,
  holdChild,
  holdDirectory,
  holdListed,
  type Identity,
  identityOf,
  isSameNode,
  NotTheSameDirectory,
  openIn,
  refTo,
} from './held-directory';
