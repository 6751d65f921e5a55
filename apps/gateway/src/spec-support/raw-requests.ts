import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';

/** Sends JSON and leaves the rest to the caller, who may also go away. */
export function post(port: number, path: string, body: object): ClientRequest {
  const headers = { 'content-type': 'application/json' };
  const request = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers, agent: false });
  request.on('error', () => undefined);
  request.end(JSON.stringify(body));
  return request;
}

export async function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  return response;
}

/** The server-sent events without a name in what came so far. */
export const eventsOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('data: '))
    .map((block) => JSON.parse(block.slice('data: '.length)) as Record<string, unknown>);
