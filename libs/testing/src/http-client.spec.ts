import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpClient, type HttpClient } from './http-client';

describe('httpClient', () => {
  let server: Server;

  const serving = async (listener: RequestListener, signal?: AbortSignal): Promise<HttpClient> => {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return httpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, signal);
  };
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('reads events that come in pieces, and leaves comments and other events out', async () => {
    const client = await serving((_request, response) => {
      const text = ': hi\n\nevent: job\ndata: {"n":1}\n\nevent: other\ndata: 2\n\nevent: job\ndata: "报"\n\n';
      for (const byte of Buffer.from(text)) response.write(Buffer.from([byte]));
      response.end();
    });
    const seen: unknown[] = [];
    for await (const data of client.events('/', 'job')) seen.push(data);
    expect(seen).toEqual([{ n: 1 }, '报']);
  });

  it('says what the server said of a refusal', async () => {
    const client = await serving((_request, response) => {
      response.statusCode = 409;
      response.end(JSON.stringify({ code: 'BACKUP_IN_USE', detail: 'A job is using it' }));
    });
    await expect(client.delete('/a/b')).rejects.toMatchObject({
      status: 409,
      code: 'BACKUP_IN_USE',
      message: '/a/b: BACKUP_IN_USE A job is using it',
    });
  });

  it('ends with its signal', async () => {
    const abort = new AbortController();
    const client = await serving((_request, response) => void response.write('event: job\ndata: 1\n\n'), abort.signal);
    const events = client.events('/', 'job');
    expect(await events.next()).toEqual({ done: false, value: 1 });
    abort.abort();
    await expect(events.next()).rejects.toMatchObject({ name: 'AbortError' });
  });
});
