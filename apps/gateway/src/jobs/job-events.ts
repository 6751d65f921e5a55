import type { JobView } from '@pawvault/contracts';
import type { Response } from '../http';
import type { Problem } from '../problem/problem';

export interface EventsOptions {
  signal: AbortSignal;
  heartbeatMs: number;
  /** What a failure looks like to the client; it is also the last event. */
  toProblem: (error: unknown) => Problem;
}

/**
 * Writes the states of a job as server-sent events, until the job has ended, the client left, or looking failed. Comments in between keep
 * proxies from taking a quiet job for a dead connection.
 */
export async function sendJobEvents(
  response: Response,
  views: AsyncIterable<JobView>,
  options: EventsOptions,
): Promise<void> {
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  // nginx would collect the events into large pieces.
  response.setHeader('X-Accel-Buffering', 'no');
  response.flushHeaders();
  const heartbeat = setInterval(() => response.write(': heartbeat\n\n'), options.heartbeatMs);
  try {
    for await (const view of views) {
      if (options.signal.aborted) break;
      response.write(event('job', view));
    }
  } catch (error) {
    if (!options.signal.aborted) response.write(event('problem', options.toProblem(error)));
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

/** JSON has no line breaks of its own, so one data line is enough. */
const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
