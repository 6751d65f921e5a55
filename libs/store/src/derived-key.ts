import { hkdfSync } from 'node:crypto';
import { ensureSigningKey } from '@pawvault/archive';

const BYTES = 32;

/**
 * A key for one purpose, the same in every process on this backup directory and in no other installation. It follows from the signing key
 * (HKDF, RFC 5869), which is made if there is none yet; neither it nor the key of another purpose follows from this one.
 * @throws DomainError SIGNING_KEY_INVALID
 */
export async function derivedKey(backupDir: string, purpose: string): Promise<Buffer> {
  const key = await ensureSigningKey(backupDir);
  return Buffer.from(hkdfSync('sha256', key, '', `pawvault ${purpose}`, BYTES));
}
