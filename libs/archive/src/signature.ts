import { createHash, type Hash, timingSafeEqual } from 'node:crypto';

export const ARCHIVE_SCHEME = 'hmac-sha256-v1';
export const MANIFEST_SCHEME = 'pawvault-manifest-hmac-sha256-v1';

const BLOCK_BYTES = 64;
const NUL = Buffer.from([0]);

/**
 * HMAC-SHA256 that can go back to an earlier state. Node's own Hmac cannot be copied, its Hash can; a file that changed
 * while it was read must be taken out of the running signature again without reading the archive a second time.
 */
export class RewindableHmac {
  private inner: Hash;
  private readonly outer: Hash;

  constructor(key: Buffer) {
    const block = Buffer.alloc(BLOCK_BYTES);
    (key.length > BLOCK_BYTES ? createHash('sha256').update(key).digest() : key).copy(block);
    this.inner = createHash('sha256').update(block.map((byte) => byte ^ 0x36));
    this.outer = createHash('sha256').update(block.map((byte) => byte ^ 0x5c));
  }

  update(...parts: Uint8Array[]): this {
    for (const part of parts) this.inner.update(part);
    return this;
  }

  checkpoint(): Hash {
    return this.inner.copy();
  }

  rewind(checkpoint: Hash): void {
    this.inner = checkpoint.copy();
  }

  digestHex(): string {
    return this.outer.copy().update(this.inner.copy().digest()).digest('hex');
  }
}

/** What QwenPaw feeds before the entries: `"META\0" + canonical + "\0"`. */
export const metaFeed = (canonical: string): Buffer => Buffer.from(`META\0${canonical}\0`, 'utf8');

const ENTRY = Buffer.from('ENTRY\0');

/** What stands before the content of an entry, in parts: `"ENTRY\0" + name + "\0"`. */
export const entryFeedHead = (name: Uint8Array): Uint8Array[] => [ENTRY, name, NUL];

/** What stands behind it: `"\0" + u64be(size) + "\0"`. */
export function entryFeedTail(size: number): Buffer {
  const tail = Buffer.alloc(10);
  tail.writeBigUInt64BE(BigInt(size), 1);
  return tail;
}

/** The archive signature as it stands in meta.json. Feed the entries (all but directories and meta.json, by code point) between. */
export function startArchiveSignature(key: Buffer, canonical: string): RewindableHmac {
  return new RewindableHmac(key).update(metaFeed(canonical));
}

export const archiveSignature = (hmac: RewindableHmac): string => `${ARCHIVE_SCHEME}:${hmac.digestHex()}`;

/**
 * PawVault's second signature, over the canonical meta and the bytes of manifest.json, so that a part of an archive can be verified
 * without reading the whole. The leading label keeps it apart from the archive signature under the same key.
 */
export function startManifestSignature(key: Buffer, canonical: string): RewindableHmac {
  return new RewindableHmac(key).update(Buffer.from('PAWVAULT-MANIFEST\0')).update(metaFeed(canonical));
}

export const manifestSignature = (hmac: RewindableHmac): string => `${MANIFEST_SCHEME}:${hmac.digestHex()}`;

/** Compares two signatures without telling by time where they differ. */
export function sameSignature(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
