import type { Response } from '../http';

export interface SendEventsOptions {
  signal: AbortSignal;
  /** Milliseconds between comments. */
  heartbeatMs: number;
  /** The last words to a client that still listens, when the source fails; without it the error is thrown on. */
  onError?: (error: unknown) => string;
}

/**
 * Writes server-sent events until there are no more or the signal aborts. Comments in between keep proxies from taking a quiet job for a
 * dead connection.
 * @param events each in the form of the protocol, see {@link eventOf}
 */
export async function sendEvents(
  response: Response,
  events: AsyncIterable<string>,
  { signal, heartbeatMs, onError }: SendEventsOptions,
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
      response.write(event);
    }
  } catch (error) {
    if (onError === undefined) throw error;
    if (!signal.aborted) response.write(onError(error));
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

/** JSON has no line breaks of its own, so one data line is enough. @param name none for an event without a name */
export const eventOf = (data: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
