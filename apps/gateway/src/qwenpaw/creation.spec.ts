import { once } from 'node:events';
import { type CreatePayload, DomainError } from '@pawvault/contracts';
import { type Handlers, openJobQueue } from '@pawvault/queue';
import { Bench } from '../spec-support/bench';
import { handlersWith, INSTANCE } from '../spec-support/handlers';
import { eventsOf, post, responseTo } from '../spec-support/raw-requests';

const AGENTS = ['default', 'writer'].map(
  (id) => ({ ...(INSTANCE.agents[0] as object), id }) as (typeof INSTANCE.agents)[0],
);

describe('making a backup on the wire of QwenPaw', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

  /** A worker that "makes" an archive of QwenPaw, with the id that the job gives it, and waits where it is told to. */
  async function workWith(own: Partial<Handlers> = {}, seen: CreatePayload[] = []): Promise<void> {
    await bench.work({
      'instance.inspect': () => Promise.resolve({ ...INSTANCE, agents: AGENTS }),
      'backup.create': (payload, context) => {
        seen.push(payload);
        return handlersWith({})['backup.create'](payload, context);
      },
      ...own,
    });
  }

  const stream = (body: object) => bench.api.post('/api/backups/stream').send(body);

  it('is asked for with the defaults of QwenPaw, and passes over agents that are gone', async () => {
    const seen: CreatePayload[] = [];
    await workWith({}, seen);
    const agents = ['writer', 'gone', '../escape', 'default', 'writer'];
    const { text, headers } = await stream({ name: 'Nightly ', agents, unknown: 1 }).expect(200);
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(headers['x-accel-buffering']).toBe('no');
    expect(eventsOf(text)[0]).toEqual({ type: 'start', total_agents: 2, percent: 0 });
    expect(seen).toMatchObject([
      {
        name: 'Nightly ',
        description: '',
        scope: {
          include_agents: true,
          include_global_config: true,
          include_secrets: false,
          include_skill_pool: true,
        },
        agents: ['default', 'writer'],
      },
    ]);
  });

  it('of all four modules is a full one also with the agents named', async () => {
    const seen: CreatePayload[] = [];
    await workWith({}, seen);
    const all = {
      include_agents: true,
      include_global_config: true,
      include_secrets: true,
      include_skill_pool: true,
    };
    await stream({ name: 'n', scope: all, agents: ['default', 'writer'] }).expect(200);
    expect(seen).toMatchObject([{ scope: all }]);
  });

  it('names no agents where none are named', async () => {
    const seen: CreatePayload[] = [];
    await workWith({}, seen);
    await stream({ name: 'n' }).expect(200);
    expect(seen).toMatchObject([{ agents: [], scope: { include_agents: false, include_skill_pool: true } }]);
  });

  it('keeps all that is named when nobody can tell who is gone', async () => {
    await workWith({ 'instance.inspect': () => Promise.reject(new DomainError('INSTANCE_CONFIG_INVALID')) });
    const { text } = await stream({ name: 'n', agents: ['default', 'gone'] }).expect(200);
    expect(eventsOf(text)[0]).toEqual({ type: 'start', total_agents: 2, percent: 0 });
  });

  it('of nothing is refused before a stream begins', async () => {
    const scope = { include_global_config: false, include_skill_pool: false };
    const { body } = await stream({ name: 'n', scope }).expect(400);
    expect(body).toEqual({ detail: 'Nothing was selected' });
    expect((await bench.queue.list({ limit: 5 })).jobs).toEqual([]);
  });

  it('that is at fault is a 422 before a stream begins', async () => {
    const { body } = await stream({ scope: { include_secrets: 'perhaps' } }).expect(422);
    expect((body as { detail: { loc: string[] }[] }).detail.map(({ loc }) => loc)).toEqual([
      ['body', 'name'],
      ['body', 'scope', 'include_secrets'],
    ]);
  });

  it('that fails ends the stream with the reason', async () => {
    await workWith({ 'backup.create': () => Promise.reject(new DomainError('DISK_FULL', 'No space left')) });
    const { text } = await stream({ name: 'n' }).expect(200);
    expect(eventsOf(text)).toEqual([
      { type: 'start', total_agents: 0, percent: 0 },
      { type: 'error', message: 'No space left' },
    ]);
  });

  it('is cancelled by a client that leaves', async () => {
    await workWith({
      'backup.create': (_payload, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new DomainError('JOB_CANCELLED')));
        }),
    });
    const request = post(bench.port, '/api/backups/stream', { name: 'n' });
    const response = await responseTo(request);
    await once(response, 'data');
    const [job] = (await bench.queue.list({ type: 'backup.create', limit: 1 })).jobs;
    request.destroy();
    const ended = await bench.queue.waitFor(job?.id ?? '', { timeoutMs: 10_000 });
    expect(ended.state).toBe('cancelled');
  });

  it('goes on when the gateway shuts down, and says so', async () => {
    const response = await responseTo(post(bench.port, '/api/backups/stream', { name: 'n' }));
    let text = String((await once(response, 'data'))[0]);
    response.on('data', (piece) => (text += String(piece)));
    const [job] = (await bench.queue.list({ type: 'backup.create', limit: 1 })).jobs;
    const other = openJobQueue(bench.place);
    await Promise.all([bench.close(), once(response, 'end')]);
    expect(eventsOf(text).at(-1)).toEqual({ type: 'error', message: expect.stringContaining(job?.id ?? 'no job') });
    expect((await other.get(job?.id ?? '')).state).toBe('queued');
    await other.close();
    bench = await Bench.open();
  });
});
