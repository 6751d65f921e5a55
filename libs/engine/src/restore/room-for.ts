import type { ZipEntry } from '@pawvault/archive';
import type { PlannedTarget } from './plan/prepared-plan';

/** Content that shrinks more than this is nearly all zeros, which become holes. Texts and logs stay well below. */
const HOLLOW_RATIO = 200;
const HOLLOW_FROM_BYTES = 64 * 1024 * 1024;

/** Bytes that a target will occupy, and its largest file. */
export function roomFor({ destination, future }: PlannedTarget): {
  bytes: number;
  largest: { path: string; bytes: number } | null;
} {
  let bytes = 0;
  let largest: { path: string; bytes: number } | null = null;
  for (const [path, { type, entry }] of future.nodes) {
    if (type !== 'file' || entry === null) continue;
    const room = occupied(entry);
    bytes += room;
    if (room > (largest?.bytes ?? 0)) largest = { path: `${destination}/${path}`, bytes: room };
  }
  return { bytes, largest };
}

function occupied({ size, compressedSize }: ZipEntry): number {
  const isHollow = size > HOLLOW_FROM_BYTES && size > compressedSize * HOLLOW_RATIO;
  return isHollow ? compressedSize * HOLLOW_RATIO : size;
}
