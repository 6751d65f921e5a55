import type { Response } from '../http';

/** As often as QwenPaw's own. */
const HEARTBEAT_MS = 15_000;

export interface EventStreamOptions {
  signal: AbortSignal;
  heartbeatMs?: number;
}

/**
 * Writes each value as a server-sent event without a name, as QwenPaw does, until there are no more or the signal aborts. Comments in
 * between keep proxies from taking a quiet job for a dead connection. An error of the source ends the stream and is thrown on.
 */
export async function sendEventStream(
  response: Response,
  events: AsyncIterable<unknown>,
  { signal, heartbeatMs = HEARTBEAT_MS }: EventStreamOptions,
): Promise<void> {
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  // nginx would collect the events into large pieces.
  response.setHeader('X-Accel-Buffering', 'no');
  response.flushHeaders();
  const heartbeat = setInterval(() => response.write(': heartbeat\n\n'), heartbeatMs);
  try {
    for await (const event of events) {
      if (signal.aborted) break;
      response.write(`data: ${JSON.stringify(event)}\n\n`);
    }
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}
