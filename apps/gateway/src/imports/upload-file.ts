import { createWriteStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '@pawvault/contracts';
import type { Quarantine } from '@pawvault/store';

export interface UploadLimits {
  /** Bytes of one upload. */
  maxBytes: number;
}

/** What an upload leaves free for everybody else, and how often that is looked at. */
const RESERVE_BYTES = 64 << 20;
const LOOK_EVERY_BYTES = 64 << 20;

/**
 * Refuses an upload whose size is known before a byte of it is read.
 * @throws DomainError PAYLOAD_TOO_LARGE, DISK_FULL
 */
export async function admitSize(quarantine: Quarantine, bytes: number, { maxBytes }: UploadLimits): Promise<void> {
  if (bytes > maxBytes) throw new DomainError('PAYLOAD_TOO_LARGE', undefined, { max_bytes: maxBytes });
  const free = await quarantine.freeBytes();
  if (bytes + RESERVE_BYTES > free)
    throw new DomainError('DISK_FULL', undefined, { free_bytes: free, needed_bytes: bytes + RESERVE_BYTES });
}

/**
 * Writes a stream to a new file, in constant memory and no faster than the disk takes it.
 * @throws DomainError PAYLOAD_TOO_LARGE, DISK_FULL before the disk is full; what the stream fails with
 */
export async function writeUpload(
  source: Readable,
  path: string,
  { quarantine, limits }: { quarantine: Quarantine; limits: UploadLimits },
): Promise<void> {
  let received = 0;
  let nextLook = LOOK_EVERY_BYTES;
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      received += chunk.length;
      if (received > limits.maxBytes) {
        callback(new DomainError('PAYLOAD_TOO_LARGE', undefined, { max_bytes: limits.maxBytes }));
        return;
      }
      if (received < nextLook) {
        callback(null, chunk);
        return;
      }
      nextLook += LOOK_EVERY_BYTES;
      admitSize(quarantine, 0, limits).then(() => callback(null, chunk), callback);
    },
  });
  // Not the stream itself: ending it early would close the connection before the refusal is sent.
  await pipeline(
    source.iterator({ destroyOnReturn: false }),
    guard,
    createWriteStream(path, { flags: 'wx', mode: 0o600 }),
  );
}
