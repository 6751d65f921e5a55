import type { JobView } from '@pawvault/contracts';
import type { Response } from '../http';
import type { Problem } from '../problem/problem';
import { eventOf, sendEvents } from '../streams/send-events';

export interface EventsOptions {
  signal: AbortSignal;
  heartbeatMs: number;
  /** What a failure looks like to the client; it is also the last event. */
  toProblem: (error: unknown) => Problem;
}

/** Writes the states of a job as events `job`, until it has ended, the client left, or looking failed: then the last one is `problem`. */
export const sendJobEvents = (
  response: Response,
  views: AsyncIterable<JobView>,
  { signal, heartbeatMs, toProblem }: EventsOptions,
): Promise<void> =>
  sendEvents(response, named(views), { signal, heartbeatMs, onError: (error) => eventOf(toProblem(error), 'problem') });

async function* named(views: AsyncIterable<JobView>): AsyncGenerator<string> {
  for await (const view of views) yield eventOf(view, 'job');
}
