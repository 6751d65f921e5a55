import { deflateRawSync } from 'node:zlib';

/** Below this, deflating the whole costs less than asking first. */
const TRIAL_FROM_BYTES = 32 * 1024;
const TRIAL_BYTES = 16 * 1024;
/** Content that the fastest level cannot shrink by 5 % (media, archives, encrypted data) is not worth the slow one. */
const WORTHWHILE_RATIO = 0.95;

/**
 * Decides by trial on the head of the content, never by its name: a `.zip` may be text, and a `.txt` may be encrypted.
 * @param head at least the first 16 KiB, or all of a smaller content
 */
export function isCompressible(head: Uint8Array): boolean {
  if (head.length === 0) return false;
  const sample = head.subarray(0, TRIAL_BYTES);
  return deflateRawSync(sample, { level: 1 }).length < sample.length * WORTHWHILE_RATIO;
}

/** For content that is in memory anyway: small content is always tried in full. */
export const isWorthDeflating = (content: Uint8Array): boolean =>
  content.length > 0 && (content.length < TRIAL_FROM_BYTES || isCompressible(content));
