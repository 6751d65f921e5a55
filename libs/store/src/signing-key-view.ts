import { createHash } from 'node:crypto';
import { loadSigningKey } from '@pawvault/archive';

/** The signing key of the moment. `name` tells keys apart and is safe to write down: the key has 256 random bits. */
export interface KeyView {
  key: Buffer | null;
  name: string;
}

/**
 * null when the key is damaged or cannot be read: then nothing can be said about signatures, and a listing must still be possible.
 * Whoever is about to sign meets the reason.
 */
export async function currentKey(backupDir: string): Promise<KeyView | null> {
  try {
    const key = await loadSigningKey(backupDir);
    return { key, name: key === null ? 'none' : nameOf(key) };
  } catch {
    return null;
  }
}

const nameOf = (key: Buffer): string =>
  createHash('sha256').update('pawvault-key-name\0').update(key).digest('hex').slice(0, 16);
