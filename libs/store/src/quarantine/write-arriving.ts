import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { toDomainError } from '@pawvault/durable-fs';

/**
 * Writes bytes to a file as they arrive, no faster than the disk takes them.
 * @param from where in a file that is there already; a new file when not given
 * @returns bytes written
 * @throws DomainError DISK_FULL, PERMISSION_DENIED, IO_ERROR; what the source fails with. What was written until then stays
 */
export async function writeArriving(source: AsyncIterable<Buffer>, path: string, from?: number): Promise<number> {
  const place = from === undefined ? { flags: 'wx' } : { flags: 'r+', start: from };
  const file = createWriteStream(path, { ...place, mode: 0o600 });
  try {
    await pipeline(source, file);
    return file.bytesWritten;
  } catch (error) {
    throw toDomainError(error, path);
  }
}
