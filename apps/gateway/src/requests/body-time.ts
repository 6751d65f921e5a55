import type { Middleware, Request } from '../http';
import { hasBody } from './body-size';

const timers = new WeakMap<object, NodeJS.Timeout>();

/**
 * Bodies have so long to arrive, whoever sends them. It stands in for Node's own limit for whole requests, which counts from the first byte
 * and would cut off every archive that takes longer; see {@link mayTakeItsTime}.
 * @param milliseconds after which the connection is closed
 */
export const limitBodyTime =
  (milliseconds: number): Middleware =>
  (request, _response, next) => {
    if (hasBody(request)) {
      const timer = setTimeout(() => request.socket.destroy(), milliseconds).unref();
      const stop = (): void => clearTimeout(timer);
      timers.set(request, timer);
      request.once('end', stop);
      request.once('close', stop);
    }
    next();
  };

/** A connection that has carried nothing for so long is dead, or held open on purpose. */
const IDLE_MS = 60_000;

/** To be called for a body that is an archive: it may last for hours, as long as it moves. */
export function mayTakeItsTime(request: Request, idleMs = IDLE_MS): void {
  clearTimeout(timers.get(request));
  const { socket } = request;
  const cut = (): void => void socket.destroy();
  socket.setTimeout(idleMs, cut);
  // The answer may take as long as it likes. Behind it the time is Node's again, for which a connection may wait for its next request.
  const stop = (): void => {
    socket.removeListener('timeout', cut);
    if (socket.timeout === idleMs) socket.setTimeout(0);
  };
  request.once('end', stop);
  request.once('close', stop);
}
