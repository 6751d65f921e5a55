import { createHmac } from 'node:crypto';
import type { JournalAuthority } from '../swap-journal';

/** Seals with a key of its own and takes every target. */
export function testAuthority(key = 'a key', refusal: string | null = null): JournalAuthority {
  const seal = (text: string): string => createHmac('sha256', key).update(text).digest('hex');
  return {
    seal: (text) => Promise.resolve(seal(text)),
    isSealed: (text, given) => Promise.resolve(seal(text) === given),
    refusal: () => Promise.resolve(refusal),
  };
}
