import { Bench } from '../spec-support/bench';

const TOKEN = 'correct-horse-battery-staple';

describe('without a token', () => {
  let bench: Bench;
  beforeAll(async () => (bench = await Bench.open({ PAWVAULT_ALLOWED_HOSTS: 'paw.lan' })));
  afterAll(() => bench.close());

  it.each(['127.0.0.1', 'localhost', 'LOCALHOST:80', 'localhost.', '[::1]:8210', '127.9.9.9', 'paw.lan:1234'])(
    'answers %s',
    async (host) => {
      expect((await bench.ask('/api/v1/backups', { headers: { Host: host } })).status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.1',
    'localhost@evil.example',
    '[::2]',
    'localhost:99999',
    '0.0.0.0',
  ])('does not answer %s', async (host) => {
    for (const path of ['/api/v1/backups', '/api/docs', '/api/openapi.json', '/']) {
      const { status, body } = await bench.ask(path, { headers: { Host: host } });
      expect([status, JSON.parse(body.toString()).code]).toEqual([403, 'HOST_NOT_ALLOWED']);
    }
    expect((await bench.ask('/health/live', { headers: { Host: host } })).status).toBe(200);
  });

  it('does not answer who names no host', async () => {
    expect(await bench.raw('GET /api/v1/backups HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 [^]*HOST_NOT_ALLOWED/);
    expect(await bench.raw('GET /api/v1/backups HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 403 /,
    );
  });

  const cancel = (headers: Record<string, string>) => bench.ask('/api/v1/jobs/e-1/cancel', { method: 'POST', headers });

  it('lets its own pages and programs change things', async () => {
    const own = `127.0.0.1:${bench.port}`;
    for (const headers of [
      { Host: own },
      { Host: own, Origin: `http://${own}`, 'Sec-Fetch-Site': 'same-origin' },
      { Host: 'localhost', Origin: 'http://localhost:80' },
    ]) {
      expect((await cancel(headers)).status).toBe(404);
    }
  });

  it('lets no other page change anything', async () => {
    const foreign = [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { Origin: `http://127.0.0.1:${bench.port + 1}` },
      { Origin: `http://localhost:${bench.port}` },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ];
    for (const headers of foreign) {
      const { status, body } = await cancel({ Host: `127.0.0.1:${bench.port}`, ...headers });
      expect([status, JSON.parse(body.toString()).code]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    }
  });

  it('lets no other page read', async () => {
    const { headers } = await bench.ask('/api/v1/backups', { headers: { Origin: 'https://evil.example' } });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
  });
});

describe('with a token', () => {
  let bench: Bench;
  beforeAll(async () => (bench = await Bench.open({ PAWVAULT_TOKEN: TOKEN })));
  afterAll(() => bench.close());

  it('answers who knows it, under any name', async () => {
    for (const scheme of ['Bearer', 'bearer', 'Bearer  ']) {
      const headers = { Host: 'paw.example', Authorization: `${scheme} ${TOKEN}` };
      expect((await bench.ask('/api/v1/backups', { headers })).status).toBe(200);
    }
  });

  it.each([
    '',
    'Bearer',
    `Basic ${TOKEN}`,
    TOKEN,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN} x`,
    `Bearer ${'a'.repeat(8000)}`,
  ])('refuses "%.40s"', async (authorization) => {
    for (const path of [
      '/api/v1/backups',
      '/api/docsx',
      '/api/openapi.json/x',
      '/health/ready',
      '/api/v1/nowhere',
      '/HEALTH/LIVE',
      '/API/v1/backups',
      '/api',
      '/health/live/x',
    ]) {
      const { status, headers, body } = await bench.ask(path, { headers: { Authorization: authorization } });
      expect([path, status, JSON.parse(body.toString()).code]).toEqual([path, 401, 'UNAUTHORIZED']);
      expect(headers['www-authenticate']).toBe('Bearer');
    }
  });

  it('shows its documentation to everyone', async () => {
    await bench.api.get('/api/docs').expect(200);
    const { body } = await bench.api.get('/api/openapi.json').expect(200);
    expect(body).toMatchObject({ info: { title: 'PawVault' } });
  });

  it('tells everyone that it lives', async () => {
    await bench.api.get('/health/live').expect(200);
    await bench.api.get('/api/v1/health/live').expect(200);
  });

  it('keeps the token and what was searched for out of the log', async () => {
    await bench.api
      .get('/api/v1/backups')
      .query({ q: 'my-private-search' })
      .set('Authorization', `Bearer ${TOKEN}`)
      .set('X-Request-Id', 'trace-7')
      .expect(200);
    await bench.api.get('/api/v1/backups').set('Authorization', 'Bearer wrong-token-wrong').expect(401);
    const text = JSON.stringify(bench.logs);
    expect(text).not.toMatch(new RegExp(`${TOKEN}|wrong-token|my-private-search`));
    const line = bench.logs.find((log) => JSON.stringify(log).includes('trace-7'));
    expect(line).toMatchObject({ req: { method: 'GET', path: '/api/v1/backups' }, res: { status: 200 } });
    expect(bench.logs.some((log) => JSON.stringify(log.res) === '{"status":401}')).toBe(true);
  });
});
