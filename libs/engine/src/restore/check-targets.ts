import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { freeBytes, isPresent, type SwapTarget, targetChanged, toDomainError } from '@pawvault/durable-fs';
import { assertNamesDiffer } from './check-names';
import { assertOwnersStay } from './check-owners';
import type { LaidOut } from './lay-out-plan';
import type { PlannedTarget, PreparedPlan } from './plan/prepared-plan';
import { roomFor } from './room-for';

/** Room for directories and file-system blocks beyond the content. */
const MARGIN = 1.05;
const MARGIN_BYTES = 8 * 1024 * 1024;

/**
 * Whether every target can be staged and swapped, found out without changing anything. A disk that turns bad later is the business of the
 * rollback; one that is bad already would fail the rollback as well.
 * @throws DomainError DISK_FULL naming the target whose file system is too small; PERMISSION_DENIED naming what cannot be written;
 *   RESTORE_TARGET_IMMUTABLE, RESTORE_OWNER_DIFFERS, RESTORE_NAMES_CLASH
 */
export async function checkTargets(prepared: PreparedPlan, laidOut: LaidOut): Promise<void> {
  const { directories, config } = laidOut;
  for (const swap of config === null ? directories : [...directories, config]) await checkAccess(swap);
  for (const target of prepared.targets) assertMutable(target);
  assertOwnersStay(prepared, laidOut);
  for (const target of prepared.targets) await assertNamesDiffer(target);
  await checkSpace(prepared, laidOut);
}

/** Also tells a file system that is mounted read-only, for root as for every other user. */
async function checkAccess({ path, kind, staged }: SwapTarget): Promise<void> {
  const places = new Set([await nearest(dirname(dirname(staged)))]);
  if (kind === 'in-place') places.add(path);
  for (const place of places) {
    try {
      await access(place, constants.W_OK);
    } catch (error) {
      if (kind !== 'children' || !(await isOwnLocked(place))) throw toDomainError(targetChanged(error), place);
    }
  }
}

/** A target of our own that lacks the permission: it is given before the exchange and taken away after it. */
async function isOwnLocked(path: string): Promise<boolean> {
  const { uid, mode } = await stat(path);
  return uid === process.geteuid?.() && (mode & 0o200) === 0;
}

function assertMutable({ destination, live }: PlannedTarget): void {
  if (live.immutable === null) return;
  const path = live.immutable === '' ? destination : `${destination}/${live.immutable}`;
  throw new DomainError('RESTORE_TARGET_IMMUTABLE', undefined, { path: path.toWellFormed() });
}

async function checkSpace(prepared: PreparedPlan, { directories }: LaidOut): Promise<void> {
  const needed = new Map<number, { path: string; bytes: number; largest: { path: string; bytes: number } | null }>();
  for (const [i, target] of prepared.targets.entries()) {
    const path = directories[i]?.path ?? target.destination;
    const { dev } = await stat(await nearest(path));
    const known = needed.get(dev) ?? { path, bytes: MARGIN_BYTES, largest: null };
    const room = roomFor(target);
    const largest = (room.largest?.bytes ?? 0) > (known.largest?.bytes ?? 0) ? room.largest : known.largest;
    needed.set(dev, { path: known.path, bytes: known.bytes + Math.ceil(room.bytes * MARGIN), largest });
  }
  for (const { path, bytes, largest } of needed.values()) {
    const free = await freeBytes(path);
    const details = { path, free_bytes: free, needed_bytes: bytes, largest_file: largest };
    if (free < bytes) throw new DomainError('DISK_FULL', undefined, details);
  }
}

async function nearest(path: string): Promise<string> {
  return (await isPresent(path)) || dirname(path) === path ? path : nearest(dirname(path));
}
