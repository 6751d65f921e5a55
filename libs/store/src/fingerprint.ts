import type { Stats } from 'node:fs';

/** Tells whether a file still has the bytes that were looked at, without reading them. */
export interface Fingerprint {
  /** Bytes. */
  size: number;
  /** Milliseconds since 1970, with fractions. */
  mtimeMs: number;
  ino: number;
}

export const fingerprintOf = (stat: Stats): Fingerprint => fingerprintIn(stat);

/** Only the fingerprint of something that has more. */
export const fingerprintIn = ({ size, mtimeMs, ino }: Fingerprint): Fingerprint => ({ size, mtimeMs, ino });

export const sameFingerprint = (a: Fingerprint, b: Fingerprint): boolean =>
  a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino;
