import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a condition of the outside world that sends no event. Fails after the bound. */
export async function eventually(condition: () => Promise<boolean> | boolean, boundMs = 10_000): Promise<void> {
  const end = Date.now() + boundMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`did not happen within ${boundMs} ms`);
    await delay(20);
  }
}
