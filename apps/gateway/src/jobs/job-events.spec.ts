import { EventEmitter, once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DomainError, type JobView } from '@pawvault/contracts';
import { toProblem } from '../problem/problem';
import { sendJobEvents } from './job-events';

describe('the stream of a quiet job', () => {
  let server: Server;
  afterEach(() => server.close());

  async function streamOf(views: AsyncIterable<JobView>): Promise<IncomingMessage> {
    server = createServer((_request, response) => {
      const options = {
        signal: new AbortController().signal,
        heartbeatMs: 5,
        toProblem: (error: unknown) => toProblem(error, { path: '/', requestId: 'r' }),
      };
      void sendJobEvents(response, views, options);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new Promise((resolve) =>
      get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false }, resolve),
    );
  }

  it('carries comments, so that it is not taken for dead', async () => {
    const end = new EventEmitter();
    const quiet: AsyncIterable<JobView> = {
      [Symbol.asyncIterator]: () => ({ next: async () => (await once(end, 'end'), { done: true, value: undefined }) }),
    };
    const stream = await streamOf(quiet);
    for (let seen = ''; seen.split(': heartbeat\n\n').length < 4;) seen += String((await once(stream, 'data'))[0]);
    end.emit('end');
    stream.resume();
    await once(stream, 'end');
  });

  it('ends with a problem when following failed', async () => {
    async function* failing(): AsyncGenerator<JobView> {
      await Promise.resolve();
      yield* [];
      throw new DomainError('QUEUE_UNAVAILABLE');
    }
    let seen = '';
    for await (const piece of await streamOf(failing())) seen += String(piece);
    expect(seen).toMatch(/^event: problem\ndata: \{.*"code":"QUEUE_UNAVAILABLE".*\}\n\n$/);
  });
});
