/** All in milliseconds. Specs shorten what would make them wait. */
export interface QueueTiming {
  /** A worker that has not renewed the lock of its job for so long is taken for dead. */
  lock: number;
  /** How often workers look for jobs of dead ones. */
  stalledCheck: number;
  /** How soon a cancellation reaches a running job. */
  cancelPoll: number;
  /** The least time between two writes of progress. */
  progress: number;
  heartbeat: number;
  /** Before a job that failed by surprise is tried again. */
  retry: number;
}

/** Two looks at a job without a lock make it stalled: after a SIGKILL it is taken up within 20 s. */
export const DEFAULT_TIMING: QueueTiming = Object.freeze({
  lock: 10_000,
  stalledCheck: 5000,
  cancelPoll: 400,
  progress: 250,
  heartbeat: 3000,
  retry: 500,
});
