import { failNthCall, type FailureOptions } from './fail-nth-call';
import type { FsCall } from './injected-calls';

export type Outcome<T> = { status: 'done'; value: T } | { status: 'failed'; error: unknown };

export interface FailureAttempt {
  /** The call that fails in this attempt, from 1. */
  nth: number;
  /**
   * Runs the action with the failure in place, and nothing else: what the scenario prepares before and asserts after works on
   * a sound file system. To be called once in each attempt.
   * @param under the directory whose calls are counted
   */
  run<T>(under: string, action: () => T | Promise<T>): Promise<Outcome<T>>;
  /** What failed, once the action has run; null in the last attempt, in which nothing does. */
  failed(): FsCall | null;
}

/** Which calls are failed: all of them unless told otherwise; several loops with other beginnings share them out. */
export interface Spread {
  /** The first, from 1. */
  from?: number;
  step?: number;
}

/** A loop that does not end by then is not deterministic, or too large for a test. */
const MOST_ATTEMPTS = 5_000;

/**
 * Repeats the scenario with the first call failing, then the second, and so on until an attempt passes in which none failed.
 * @returns how many calls the action makes, or up to `step` less; at least 1
 * @throws what the scenario throws, naming the failed call in front
 */
export async function forEachFailure(
  scenario: (attempt: FailureAttempt) => Promise<void>,
  options: Omit<FailureOptions, 'under'> & Spread = {},
): Promise<number> {
  const { from = 1, step = 1, ...failure } = options;
  for (let nth = from; nth <= MOST_ATTEMPTS; nth += step) {
    const failed = await attemptNth(nth, scenario, failure);
    if (failed) continue;
    if (nth === from) throw new Error('The action made no call that could fail');
    return nth - 1;
  }
  throw new Error(`Still failing calls after ${MOST_ATTEMPTS} attempts`);
}

async function attemptNth(
  nth: number,
  scenario: (attempt: FailureAttempt) => Promise<void>,
  options: Omit<FailureOptions, 'under'>,
): Promise<FsCall | null> {
  let ran = false;
  let failed: FsCall | null = null;
  const run = async <T>(under: string, action: () => T | Promise<T>): Promise<Outcome<T>> => {
    if (ran) throw new Error('run() may be called only once in an attempt');
    ran = true;
    const injection = await failNthCall(nth, { ...options, under });
    try {
      return { status: 'done', value: await action() };
    } catch (error) {
      return { status: 'failed', error };
    } finally {
      injection.restore();
      failed = injection.failed();
    }
  };
  try {
    await scenario({ nth, run, failed: () => failed });
  } catch (error) {
    throw explain(error, nth, failed);
  }
  if (!ran) throw new Error('The scenario did not call run()');
  return failed;
}

/** Keeps the error of the assertion, with its own stack and diff, and says which call it belongs to. */
function explain(error: unknown, nth: number, failed: FsCall | null): unknown {
  if (!(error instanceof Error)) return error;
  const where = failed ? `call ${nth} (${failed.name} '${failed.target}') failed` : 'no call failed';
  error.message = `When ${where}: ${error.message}`;
  return error;
}
