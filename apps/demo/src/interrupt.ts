/** What a terminal sends for Ctrl-C, when it is closed, and what `kill` sends. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupt {
  /** Aborted once the user wants the demo to end. */
  signal: AbortSignal;
  /** Resolves then. */
  asked: Promise<void>;
}

/** From here on these signals no longer end the process by themselves; everything that runs can be stopped in order first. */
export function watchInterrupts(): Interrupt {
  const controller = new AbortController();
  const asked = new Promise<void>((resolve) => controller.signal.addEventListener('abort', () => resolve()));
  for (const name of SIGNALS) process.on(name, () => controller.abort());
  // Who read what is said has left, as `head` does.
  process.stdout.on('error', () => controller.abort());
  return { signal: controller.signal, asked };
}
