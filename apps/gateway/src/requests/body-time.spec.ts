import { once } from 'node:events';
import { type ClientRequest, createServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Request } from '../http';
import { limitBodyTime, mayTakeItsTime } from './body-time';

let server: Server;
beforeEach(async () => {
  const limit = limitBodyTime(50);
  server = createServer((incoming, response) => {
    const request = incoming as Request;
    limit(request, response, () => {
      if (incoming.url === '/archive') mayTakeItsTime(request);
      if (incoming.url === '/dead') mayTakeItsTime(request, 50);

      request.resume();
      request.once('end', () => response.end());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Has sent half of its body. */
function begin(path: string): ClientRequest {
  const { port } = server.address() as AddressInfo;
  const headers = { 'Content-Length': '2' };
  const request = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers, agent: false });
  request.write('a');
  return request;
}

it('a body that dawdles is cut off, and an archive may take its time', async () => {
  const archive = begin('/archive');
  await once(server, 'request');
  // It begins later: when it is cut off, the time of the archive would have been up as well.
  await once(begin('/other'), 'error');
  archive.end('b');
  const [{ statusCode }] = (await once(archive, 'response')) as [{ statusCode: number }];
  expect(statusCode).toBe(200);
});

it('an archive whose connection carries nothing any more is cut off', async () => {
  await once(begin('/dead'), 'error');
});

it('an archive that has arrived may be answered later than that', async () => {
  server.removeAllListeners('request');
  server.on('request', (incoming, response) => {
    mayTakeItsTime(incoming as Request, 50);
    incoming.resume().once('end', () => setTimeout(() => response.end(), 200));
  });
  const request = begin('/archive');
  request.end('b');
  const [{ statusCode }] = (await once(request, 'response')) as [{ statusCode: number }];
  expect(statusCode).toBe(200);
});

it('a connection is not kept for ever when nobody has read what it carried', async () => {
  server.removeAllListeners('request');
  server.keepAliveTimeout = 1;
  server.on('request', (incoming, response) => {
    mayTakeItsTime(incoming as Request);
    response.end();
  });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.resume().write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nab');
  await once(socket, 'close', { signal: AbortSignal.timeout(4000) });
});
