/**
 * Waits for work that cannot be interrupted, and stops waiting when the signal says so. The work goes on unseen: it must end by itself
 * and must not mind that its files are gone.
 * @throws the reason of the signal
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    // Whichever lost the race must not count as an unhandled rejection.
    work.catch(() => undefined);
    aborted.catch(() => undefined);
  }
}
