import { setTimeout as delay } from 'node:timers/promises';

/** Waits for something in the world that sends no event. @throws Error naming what did not happen within the bound */
export async function until(what: string, holds: () => boolean | Promise<boolean>, boundMs = 10_000): Promise<void> {
  const deadline = performance.now() + boundMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Not within ${boundMs} ms: ${what}`);
    await delay(20);
  }
}
