import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `GET /health/live` and `/health/ready` on loopback, for probes that run beside the worker; nothing else, for nobody else.
 * Ends with the process and does not keep it alive.
 * @returns its address
 */
export async function startHealthServer(port: number, isReady: () => boolean): Promise<string> {
  const server = createServer((request, response) => {
    const known = request.method === 'GET' && ['/health/live', '/health/ready'].includes(request.url ?? '');
    const ok = known && (request.url === '/health/live' || isReady());
    response.writeHead(known ? (ok ? 200 : 503) : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: ok ? 'ok' : 'unavailable' }));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
