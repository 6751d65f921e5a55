import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JobMetrics } from './job-metrics';

export interface HealthServerOptions {
  /** Loopback, unless probes and Prometheus come from elsewhere. */
  host: string;
  port: number;
  isReady: () => boolean;
  metrics: JobMetrics;
}

/**
 * `GET /health/live`, `/health/ready` and `/metrics`; nothing else, and nothing about anybody's data. Ends with the process and does not
 * keep it alive.
 * @returns its address
 */
export async function startHealthServer({ host, port, isReady, metrics }: HealthServerOptions): Promise<string> {
  const routes: Record<string, (response: ServerResponse) => void> = {
    '/health/live': (response) => sendHealth(response, true),
    '/health/ready': (response) => sendHealth(response, isReady()),
    '/metrics': (response) => void sendMetrics(response, metrics),
  };
  const server = createServer((request, response) => {
    const route = request.method === 'GET' ? routes[request.url ?? ''] : undefined;
    if (route === undefined) response.writeHead(404).end();
    else route(response);
  });
  server.listen(port, host);
  await once(server, 'listening');
  server.unref();
  const { address, family, port: actual } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`;
}

function sendHealth(response: ServerResponse, ok: boolean): void {
  response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: ok ? 'ok' : 'unavailable' }));
}

async function sendMetrics(response: ServerResponse, metrics: JobMetrics): Promise<void> {
  response.setHeader('content-type', metrics.contentType);
  response.end(await metrics.text());
}
