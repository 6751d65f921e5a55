import type { Readable } from 'node:stream';
import { DomainError } from '@pawvault/contracts';
import { type Quarantine, writeArriving } from '@pawvault/store';

export interface UploadLimits {
  /** Bytes of one upload. */
  maxBytes: number;
}

export interface UploadBounds {
  quarantine: Quarantine;
  limits: UploadLimits;
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
 * Writes a stream to a new file, in constant memory. The stream stays open: ending it early would close the connection before the refusal is
 * sent.
 * @throws DomainError PAYLOAD_TOO_LARGE, DISK_FULL; what the stream fails with
 */
export async function writeUpload(source: Readable, path: string, bounds: UploadBounds): Promise<void> {
  await writeArriving(withinBounds(source, bounds), path);
}

/** Passes bytes on as long as they fit: what a client announces is not what it sends, and others write to the same disk. */
export async function* withinBounds(
  source: Readable,
  { quarantine, limits }: UploadBounds,
): AsyncGenerator<Buffer, void, void> {
  let received = 0;
  let nextLook = LOOK_EVERY_BYTES;
  for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    received += chunk.length;
    if (received > limits.maxBytes)
      throw new DomainError('PAYLOAD_TOO_LARGE', undefined, { max_bytes: limits.maxBytes });
    if (received >= nextLook) {
      nextLook += LOOK_EVERY_BYTES;
      await admitSize(quarantine, 0, limits);
    }
    yield chunk;
  }
}
