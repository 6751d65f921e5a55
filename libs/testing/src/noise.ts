import { createHash } from 'node:crypto';

/** Bytes that look random and do not compress, the same for the same seed. */
export const noise = (seed: string, bytes: number): Buffer =>
  bytes === 0 ? Buffer.alloc(0) : createHash('shake256', { outputLength: bytes }).update(seed).digest();
