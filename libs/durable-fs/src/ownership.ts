import { fchownSync, fstatSync, lchownSync, readFileSync } from 'node:fs';
import { errnoOf } from './fs-errors';

export interface Owner {
  uid: number;
  gid: number;
}

/** Bits of a capability set (capabilities(7)). */
const CAP_CHOWN = 1n << 0n;
const CAP_DAC_OVERRIDE = 1n << 1n;
const CAP_FOWNER = 1n << 3n;
const NEEDED = CAP_CHOWN | CAP_DAC_OVERRIDE | CAP_FOWNER;

/** Whether this process may give files to other users and still handle them: root with its capabilities; in most containers it is not. */
export function mayGiveAway(): boolean {
  if (process.platform !== 'linux') return process.geteuid?.() === 0;
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  return (BigInt(`0x${effective}`) & NEEDED) === NEEDED;
}

/** The user and group that new files of this process get, where directories do not pass on their group. */
export const ownOwner = (): Owner => ({ uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 });

/**
 * Gives a node to an owner, never following a link. Without the rights for it the group is changed where it is one of ours, and the user stays:
 * a restore that would lose an owner is refused before it begins.
 */
export function giveTo(path: string | Buffer, { uid, gid }: Owner): void {
  try {
    lchownSync(path, uid, gid);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error;
    changeGroup(path, gid);
  }
}

/** The same for a file that is open. Where nothing would change, nothing is asked for. */
export function giveOpened(fd: number, { uid, gid }: Owner): void {
  const own = fstatSync(fd);
  if (own.uid === uid && own.gid === gid) return;
  try {
    fchownSync(fd, uid, gid);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error;
    changeOpenedGroup(fd, gid);
  }
}

function changeOpenedGroup(fd: number, gid: number): void {
  try {
    fchownSync(fd, ownOwner().uid, gid);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error;
  }
}

function changeGroup(path: string | Buffer, gid: number): void {
  try {
    lchownSync(path, ownOwner().uid, gid);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error;
  }
}
