import { Bench } from '../spec-support/bench';

describe('the agents on the wire of QwenPaw', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

  it('are those of the instance', async () => {
    await bench.work();
    const { body } = await bench.api.get('/api/agents').expect(200);
    expect(body).toEqual({
      agents: [
        {
          id: 'default',
          name: 'Mina',
          description: '',
          workspace_dir: '/w/a',
          enabled: true,
          pinned: true,
          startup_status: 'pending',
        },
      ],
    });
  });

  it('are not known without a worker', async () => {
    const { body, headers } = await bench.api.get('/api/agents').expect(503);
    expect(body).toEqual({ detail: expect.stringMatching(/worker/i) });
    expect(headers['retry-after']).toBe('2');
  });
});
