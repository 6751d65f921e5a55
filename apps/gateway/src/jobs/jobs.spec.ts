import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { JobView } from '@pawvault/contracts';
import { Bench } from '../spec-support/bench';

describe('jobs', () => {
  let bench: Bench;
  beforeEach(async () => (bench = await Bench.open()));
  afterEach(() => bench.close());

  const make = async (): Promise<JobView> =>
    (await bench.api.post('/api/v1/backups').send({ name: 'a', mode: 'full' })).body as JobView;

  it('can be read and listed', async () => {
    const job = await make();
    expect((await bench.api.get(`/api/v1/jobs/${job.id}`).expect(200)).body).toEqual(job);
    const second = await make();
    const { body } = await bench.api
      .get('/api/v1/jobs')
      .query({ limit: 1, type: 'backup.create', state: 'queued' })
      .expect(200);
    expect(body).toMatchObject({ jobs: [{ id: second.id }], next_cursor: expect.any(String) });
    const rest = await bench.api.get('/api/v1/jobs').query({ cursor: body.next_cursor });
    expect(rest.body).toMatchObject({ jobs: [{ id: job.id }], next_cursor: null });
    for (const query of ['limit=0', 'type=backup.eat', 'state=lost', 'cursor=x', 'x=1'])
      await bench.api.get(`/api/v1/jobs?${query}`).expect(400);
  });

  it('that are unknown are not found', async () => {
    for (const id of ['x', 'e-00000000-0000-0000-0000-000000000000', '..%2f..', 'e-%00', 'a'.repeat(3000), '%0d%0a']) {
      for (const reply of [await bench.ask(`/api/v1/jobs/${id}`), await bench.ask(`/api/v1/jobs/${id}/events`)]) {
        expect([id, reply.status, JSON.parse(reply.body.toString()).code]).toEqual([id, 404, 'JOB_NOT_FOUND']);
      }
    }
  });

  it('can be cancelled once', async () => {
    const { id } = await make();
    expect((await bench.api.post(`/api/v1/jobs/${id}/cancel`).expect(200)).body).toMatchObject({
      id,
      state: 'cancelled',
    });
    expect((await bench.api.post(`/api/v1/jobs/${id}/cancel`).expect(409)).body.code).toBe('JOB_FINISHED');
  });

  it('can be followed to their end', async () => {
    const { id } = await make();
    const stream = await open(`/api/v1/jobs/${id}/events`);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
    });
    await bench.work();
    const events = parse(await text(stream));
    expect(events[0]).toMatchObject({ event: 'job', data: { id, state: 'queued' } });
    expect(events.at(-1)).toMatchObject({ event: 'job', data: { id, state: 'completed' } });
  });

  it('that have ended already are told and the stream ends', async () => {
    const { id } = await make();
    await bench.queue.cancel(id);
    expect(parse(await text(await open(`/api/v1/jobs/${id}/events`)))).toMatchObject([
      { data: { state: 'cancelled' } },
    ]);
  });

  it('are followed no longer when the gateway shuts down', async () => {
    const { id } = await make();
    const stream = await open(`/api/v1/jobs/${id}/events`);
    await once(stream, 'data');
    const ended = once(stream, 'end');
    stream.resume();
    await bench.app.close();
    await ended;
  });

  function open(path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) =>
      get({ host: '127.0.0.1', port: bench.port, path, agent: false }, resolve).once('error', reject),
    );
  }
});

async function text(stream: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

const parse = (stream: string): { event: string; data: unknown }[] =>
  stream
    .split('\n\n')
    .filter((block) => block.startsWith('event:'))
    .map((block) => {
      const [event = '', data = ''] = block.split('\n');
      return { event: event.slice('event: '.length), data: JSON.parse(data.slice('data: '.length)) as unknown };
    });
