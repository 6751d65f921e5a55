import type { IncomingMessage } from 'node:http';

/** A client that has read the refusal has stopped sending by then. */
const LINGER_MS = 10_000;
/** Most uploads that are refused end within this, also of clients that read no answer before they have sent everything. */
export const LINGER_BYTES = 64 << 20;

/**
 * Throws away what still arrives of a request that has been answered, for a while, so that the client comes to read the answer: a connection
 * that is closed over unread bytes is reset, and the answer may be lost with it (RFC 9112, section 9.6).
 * @returns once nothing more comes, or it has been enough
 */
export function linger(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let received = 0;
    const timer = setTimeout(resolve, LINGER_MS).unref();
    request.on('error', () => undefined);
    request.on('data', (piece: Buffer) => {
      received += piece.length;
      if (received > LINGER_BYTES) resolve();
    });
    for (const event of ['end', 'close'] as const) request.once(event, () => resolve());
    // A reader that has just let go of the request only does so in the next turn; until then it would not flow.
    setImmediate(() => request.resume());
    void request.once('close', () => clearTimeout(timer));
  });
}
