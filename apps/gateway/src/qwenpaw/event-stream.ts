import type { Response } from '../http';
import { eventOf, sendEvents } from '../streams/send-events';

/** As often as QwenPaw's own. */
const HEARTBEAT_MS = 15_000;

export interface EventStreamOptions {
  signal: AbortSignal;
  heartbeatMs?: number;
}

/** Writes each value as an event without a name, as QwenPaw does. An error of the source ends the stream and is thrown on. */
export const sendEventStream = (
  response: Response,
  events: AsyncIterable<unknown>,
  { signal, heartbeatMs = HEARTBEAT_MS }: EventStreamOptions,
): Promise<void> => sendEvents(response, unnamed(events), { signal, heartbeatMs });

async function* unnamed(events: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const event of events) yield eventOf(event);
}
