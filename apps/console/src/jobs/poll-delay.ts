/** Progress is reported a few times a second; once a second reads as live and costs little. */
const LIVE_MS = 1000;
/** A queued job waits for another one, which may take long. */
const QUEUED_MS = 2000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15_000;

export interface PollState {
  /** Of the last answer; null before the first. */
  state: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled' | null;
  /** Questions in a row that were not answered. */
  failures: number;
}

/** Whether nothing about the job will change any more. */
export const hasEnded = (state: PollState['state']): boolean =>
  state === 'completed' || state === 'failed' || state === 'cancelled';

/** Milliseconds until a job is asked about again; false when nothing is left to ask. */
export function pollDelay({ state, failures }: PollState): number | false {
  if (failures > 0) return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
  if (hasEnded(state)) return false;
  return state === 'queued' ? QUEUED_MS : LIVE_MS;
}
