import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { replaceFile } from './publish';
import { removeFile } from './remove';

export interface AtomicWriteOptions {
  /** Permission bits of the new file, 0600 unless told otherwise; umask does not apply. */
  mode?: number;
  /** A fixed name for the temporary file, for a single writer that wants to find it again after a crash. */
  temporary?: string;
}

/**
 * Writes a file so that a crash leaves the old content or the new, never a mixture.
 * @param data a list is written piece by piece, so that a long file is never whole in memory
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array | Iterable<string>,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const temporary =
    options.temporary ?? join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    // Never through what lies there: it may be the rest of a crash, or a link that another program has put there.
    if (options.temporary !== undefined) await removeFile(temporary);
    const handle = await open(temporary, 'wx', 0o600);
    try {
      for (const piece of piecesOf(data)) await handle.writeFile(piece);
      await handle.chmod(options.mode ?? 0o600);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await replaceFile(temporary, path);
  } catch (error) {
    await removeFile(temporary).catch(() => undefined);
    throw error;
  }
}

/** A handle goes on writing where the call before has ended. */
const piecesOf = (data: string | Uint8Array | Iterable<string>): Iterable<string | Uint8Array> =>
  typeof data === 'string' || ArrayBuffer.isView(data) ? [data] : data;
