import type { IncomingMessage, Server, ServerResponse } from 'node:http';

const notAskedFor = new WeakSet<IncomingMessage>();

/**
 * Who announces a body with `Expect: 100-continue` is told to send it when somebody begins to read it, and not before: a request that is
 * refused, for whatever reason, is refused without its body. Node by itself would ask for every body at once.
 */
export function askForBodiesWhenRead(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    notAskedFor.add(request);
    const read = request._read.bind(request);
    request._read = (size) => {
      if (!response.headersSent && notAskedFor.delete(request)) response.writeContinue();
      read(size);
    };
    server.emit('request', request, response);
  });
}

/** Whether the client still waits to be told to send the body. */
export const waitsToBeAsked = (request: IncomingMessage): boolean => notAskedFor.has(request);
