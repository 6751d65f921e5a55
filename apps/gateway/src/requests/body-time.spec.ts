import { once } from 'node:events';
import { type ClientRequest, createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Request } from '../http';
import { limitBodyTime, mayTakeItsTime } from './body-time';

let server: Server;
beforeEach(async () => {
  const limit = limitBodyTime(50);
  server = createServer((incoming, response) => {
    const request = incoming as Request;
    limit(request, response, () => {
      if (incoming.url === '/archive') mayTakeItsTime(request);

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
