import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What happens to a request: it is passed on; its connection breaks off, or falls silent, after so many bytes; a proxy in between answers 502 for a server that it
 * cannot reach; or all of it arrives, and the answer is lost.
 */
export type Fate = 'pass' | { breakAfter: number } | { stallAfter: number } | 'bad-gateway' | 'lose-answer';

export interface UnreliableProxy {
  url: string;
  /** Every request with the fate that it met. */
  seen: { method: string; path: string; offset: number | null; fate: Fate }[];
}

const running: Server[] = [];

afterEach(() => {
  for (const server of running.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Stands between a browser and a gateway. Stops at the end of the test by itself. @param fateOf asked once for every request, in order */
export async function unreliableProxy(
  target: string,
  fateOf: (request: IncomingMessage) => Fate,
): Promise<UnreliableProxy> {
  const seen: UnreliableProxy['seen'] = [];
  const server = createServer((incoming, response) => {
    const { method = '', url: path = '', headers } = incoming;
    const fate = fateOf(incoming);
    const offset = headers['upload-offset'];
    seen.push({ method, path, offset: offset === undefined ? null : Number(offset), fate });
    if (fate === 'bad-gateway')
      response.writeHead(502, { 'Content-Type': 'text/html', Connection: 'close' }).end('<h1>Bad gateway</h1>');
    else forward(target, { incoming, response, fate });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

interface Exchange {
  incoming: IncomingMessage;
  response: ServerResponse;
  fate: Exclude<Fate, 'bad-gateway'>;
}

function forward(target: string, { incoming, response, fate }: Exchange): void {
  const { method, url: path, headers, socket } = incoming;
  const { hostname, port } = new URL(target);
  const outgoing = httpRequest({ hostname, port, method, path, headers, agent: false }, (answer) => {
    if (fate === 'lose-answer') {
      answer.resume();
      answer.once('end', () => socket.destroy());
      return;
    }
    // On a connection that was used before, a browser tries a request again by itself when it breaks.
    response.writeHead(answer.statusCode ?? 502, { ...answer.headers, connection: 'close' });
    answer.pipe(response);
  });
  outgoing.on('error', () => socket.destroy());
  socket.once('close', () => outgoing.destroy());
  let passed = 0;
  incoming.on('data', (piece: Buffer) => {
    passed += piece.length;
    outgoing.write(piece);
    // What was passed on arrives: the half of a connection is closed in order.
    if (typeof fate === 'string') return;
    if ('stallAfter' in fate && passed > fate.stallAfter) incoming.pause();
    if ('breakAfter' in fate && passed > fate.breakAfter) outgoing.socket?.end(() => socket.destroy());
  });
  incoming.once('end', () => outgoing.end());
}
