import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { freeBytes, isPresent, type SwapTarget, toDomainError } from '@pawvault/durable-fs';
import { bytesOf, type LaidOut } from './lay-out-plan';
import type { PreparedPlan } from './plan/prepared-plan';

/** Room for directories and file-system blocks beyond the content. */
const MARGIN = 1.05;
const MARGIN_BYTES = 8 * 1024 * 1024;

/**
 * Whether every target can be staged and swapped, found out without changing anything. A disk that turns bad later is the business of the
 * rollback; one that is bad already would fail the rollback as well.
 * @throws DomainError DISK_FULL naming the target whose file system is too small; PERMISSION_DENIED naming what cannot be written
 */
export async function checkTargets(prepared: PreparedPlan, laidOut: LaidOut): Promise<void> {
  const swaps = laidOut.directories.map(({ swap }) => swap);
  for (const swap of laidOut.config === null ? swaps : [...swaps, laidOut.config]) await checkAccess(swap);
  await checkSpace(prepared, laidOut);
}

/** Also tells a file system that is mounted read-only, for root as for everybody. */
async function checkAccess({ path, kind, staged, aside }: SwapTarget): Promise<void> {
  const places = new Set([await nearest(dirname(staged)), await nearest(dirname(aside))]);
  if (kind !== 'sibling') places.add(path);
  for (const place of places) {
    try {
      await access(place, constants.W_OK);
    } catch (error) {
      throw toDomainError(error, place);
    }
  }
}

async function checkSpace(prepared: PreparedPlan, { directories }: LaidOut): Promise<void> {
  const needed = new Map<number, { path: string; bytes: number }>();
  for (const { swap, target } of directories) {
    const { dev } = await stat(await nearest(swap.path));
    const known = needed.get(dev) ?? { path: swap.path, bytes: MARGIN_BYTES };
    needed.set(dev, { ...known, bytes: known.bytes + Math.ceil(bytesOf(prepared, target) * MARGIN) });
  }
  for (const { path, bytes } of needed.values()) {
    const free = await freeBytes(path);
    if (free < bytes) throw new DomainError('DISK_FULL', undefined, { path, free_bytes: free, needed_bytes: bytes });
  }
}

async function nearest(path: string): Promise<string> {
  return (await isPresent(path)) || dirname(path) === path ? path : nearest(dirname(path));
}
