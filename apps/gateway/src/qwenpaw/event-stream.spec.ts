import { EventEmitter, once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendEventStream } from './event-stream';

describe('a stream of events', () => {
  let server: Server;
  afterEach(() => server.close());

  async function streamOf(events: AsyncIterable<unknown>): Promise<IncomingMessage> {
    server = createServer((_request, response) => {
      const options = { signal: new AbortController().signal, heartbeatMs: 5 };
      sendEventStream(response, events, options).catch(() => undefined);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new Promise((resolve) =>
      get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false }, resolve),
    );
  }

  it('has a data line for each, and comments while nothing happens', async () => {
    const end = new EventEmitter();
    async function* slow(): AsyncGenerator<unknown> {
      yield { type: 'start', note: 'two\n\nlines' };
      await once(end, 'end');
      yield { type: 'done' };
    }
    const stream = await streamOf(slow());
    let seen = '';
    stream.on('data', (piece) => (seen += String(piece)));
    while (seen.split(': heartbeat\n\n').length < 4) await once(stream, 'data');
    end.emit('end');
    await once(stream, 'end');
    expect(seen.replaceAll(': heartbeat\n\n', '')).toBe(
      'data: {"type":"start","note":"two\\n\\nlines"}\n\ndata: {"type":"done"}\n\n',
    );
  });

  it('ends where its source fails', async () => {
    async function* failing(): AsyncGenerator<unknown> {
      yield await Promise.resolve({ type: 'start' });
      throw new Error('broken');
    }
    let seen = '';
    for await (const piece of await streamOf(failing())) seen += String(piece);
    expect(seen.replaceAll(': heartbeat\n\n', '')).toBe('data: {"type":"start"}\n\n');
  });
});
