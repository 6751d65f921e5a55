import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from '../http';

/**
 * Sends exactly `length` bytes. When the source fails or ends early the connection is cut, so that no client takes a part for the
 * whole; a client that goes away ends the source.
 */
export async function pump(source: Readable, response: Response, length: number): Promise<void> {
  let sent = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      done(sent === length ? null : new Error(`the file ended after ${sent} of ${length} bytes`));
    },
  });
  try {
    await pipeline(source, counted, response);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

const isGone = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String(error.code));
