import type { Middleware, Request } from '../http';

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

/** To be called for a body that is an archive, once it is known that its sender may send it. */
export function mayTakeItsTime(request: Request): void {
  clearTimeout(timers.get(request));
}

export const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
