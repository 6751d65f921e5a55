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
export {
  begin,
  commit,
  discard,
  NotTheOwner,
  recover,
  rollBack,
  targetChanged,
  writtenJournal,
} from './swap-transaction';
export type { Recovery, SwapStep, SwapTransaction } from './swap-transaction';
export { readJournal } from './swap-journal';
export type { JournalAuthority, SwapJournal, SwapState } from './swap-journal';
export type { CarriedPath, DirectoryState, SwapKind, SwapTarget } from './swap-target';
export { stagedName } from './open-target';
export type { OpenTarget } from './open-target';
export { giveOpened, giveTo, mayGiveAway, ownOwner } from './ownership';
export type { Owner } from './ownership';
export { nameForCalls, nameFromBytes } from './raw-name';
export { isLocked } from './directory-states';
export { parentPath, pathsAbove } from './relative-path';
export { NotOurFile, readOwnFile } from './own-file';
export { acquireFileLock } from './file-lock';
export type { FileLock, LockOptions } from './file-lock';
export { isMountPoint, mountPointsBelow } from './mount-point';
export { syncFileSystem } from './file-system-sync';
export {
  borrowDirectory,
  canHold,
  type HeldDirectory,
  type HeldRef,
  holdBelow,
  holdChild,
  holdDirectory,
  holdExactly,
  holdUnlocked,
  holdListed,
  type Identity,
  identityOf,
  isSameNode,
  knownPath,
  nodeAt,
  NotTheSameDirectory,
  openIn,
  refTo,
} from './held-directory';
export { holdStateDirectory, makeStateDirectory, type StatePlace } from './state-directory';
export {
  readIn,
  readStateFile,
  removeStateFile,
  type StateFile,
  type StateFileLimits,
  writeIn,
  writeStateFile,
} from './state-file';
export { untrusted, type Untrusted } from './state-trust';
