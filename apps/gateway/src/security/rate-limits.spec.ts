import { Bench } from '../spec-support/bench';

const TOKEN = 'correct-horse-battery-staple';
const statuses = async (bench: Bench, token: string, times: number): Promise<number[]> => {
  const seen: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const { status } = await bench.ask('/api/v1/jobs', { headers: { Authorization: `Bearer ${token}` } });
    seen.push(status);
  }
  return seen;
};

describe('with a limit of 20 requests', () => {
  let bench: Bench;
  beforeEach(async () => (bench = await Bench.open({ PAWVAULT_TOKEN: TOKEN, PAWVAULT_RATE_LIMIT: '20' })));
  afterEach(() => bench.close());

  it('the next one waits, and is told how long', async () => {
    expect(await statuses(bench, TOKEN, 21)).toEqual([...Array<number>(20).fill(200), 429]);
    const { headers, body } = await bench.ask('/api/v1/jobs', { headers: { Authorization: `Bearer ${TOKEN}` } });
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });

  it('a guesser has a tenth of the tries, and locks nobody out', async () => {
    expect(await statuses(bench, 'a-wrong-token-of-somebody', 4)).toEqual([401, 401, 429, 429]);
    expect(await statuses(bench, TOKEN, 1)).toEqual([200]);
  });

  it('whether it lives is told to everybody, as often as they like', async () => {
    for (let i = 0; i < 30; i += 1) await bench.api.get('/health/live').expect(200);
  });
});

it('without a limit nobody waits', async () => {
  const bench = await Bench.open({ PAWVAULT_TOKEN: TOKEN, PAWVAULT_RATE_LIMIT: '0' });
  expect(new Set(await statuses(bench, TOKEN, 50))).toEqual(new Set([200]));
  await bench.close();
});
