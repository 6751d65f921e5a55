import { DomainError } from '@pawvault/contracts';
import type { Lock, Locker } from '@tus/server';

/** Longer than a request takes that has been asked to let go. */
const PATIENCE_MS = 15_000;

interface Turn {
  letGo: () => Promise<void> | void;
  over: Promise<void>;
}

/**
 * One request at a time for each upload. A newcomer asks the one before it to let go: a client that comes back knows that its old connection
 * is dead long before this end of it does. (The lock of the library asks without a pause, and keeps a core busy until it gets its turn.)
 */
export class UploadTurns implements Locker {
  private readonly last = new Map<string, Turn>();

  constructor(private readonly patienceMs = PATIENCE_MS) {}

  newLock(id: string): Lock {
    let end = (): void => undefined;
    return {
      lock: async (signal, letGo) => {
        const before = this.last.get(id);
        const ended = new Promise<void>((resolve) => (end = resolve));
        // Who gives up waiting still holds back those behind it until the one before it has ended.
        const over = Promise.all([ended, before?.over]).then(() => undefined);
        const turn = { letGo, over };
        this.last.set(id, turn);
        void over.then(() => {
          if (this.last.get(id) === turn) this.last.delete(id);
        });
        if (before === undefined) return;
        await before.letGo();
        if (await endsBefore(before.over, AbortSignal.any([signal, AbortSignal.timeout(this.patienceMs)]))) return;
        end();
        throw new DomainError('UPLOAD_BUSY');
      },
      unlock: () => Promise.resolve(end()),
    };
  }
}

const endsBefore = (work: Promise<void>, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    void work.then(() => resolve(true));
    if (signal.aborted) resolve(false);
    else signal.addEventListener('abort', () => resolve(false), { once: true });
  });
