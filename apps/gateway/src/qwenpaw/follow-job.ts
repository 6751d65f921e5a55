import { setTimeout as delay } from 'node:timers/promises';
import { DomainError, type JobView } from '@pawvault/contracts';
import { hasEnded, type JobQueue } from '@pawvault/queue';

const PAUSE_MS = 500;
/** A client that waits for minutes should not be sent away because Redis was restarted meanwhile. */
const OUTAGE_MS = 60_000;

export interface FollowOptions {
  signal: AbortSignal;
  outageMs?: number;
}

/**
 * The job now, then whenever it changes, until it has ended or the signal aborts. Sits out an outage of the queue.
 * @throws DomainError JOB_NOT_FOUND; QUEUE_UNAVAILABLE when it lasts for longer than a minute
 */
export async function* followJob(
  queue: JobQueue,
  id: string,
  { signal, outageMs = OUTAGE_MS }: FollowOptions,
): AsyncGenerator<JobView, void, void> {
  let lastSeen = performance.now();
  while (!signal.aborted) {
    try {
      for await (const view of queue.watch(id, signal)) {
        lastSeen = performance.now();
        yield view;
        if (hasEnded(view)) return;
      }
    } catch (error) {
      const outage = error instanceof DomainError && error.code === 'QUEUE_UNAVAILABLE';
      if (!outage || performance.now() - lastSeen > outageMs) throw error;
      await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
