import { Bench } from '../spec-support/bench';

const URL = '/api/v1/backups';

describe('every request', () => {
  let bench: Bench;
  beforeAll(async () => (bench = await Bench.open()));
  afterAll(() => bench.close());

  const post = (body: string, headers: Record<string, string> = { 'Content-Type': 'application/json' }) =>
    bench.ask(URL, { method: 'POST', headers, body });
  const codeOf = ({ body }: { body: Buffer }): string => JSON.parse(body.toString()).code as string;

  it('carries an id and is not kept by caches', async () => {
    const made = await bench.ask(URL);
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(made.headers['cache-control']).toBe('no-store');
    expect((await bench.ask(URL, { headers: { 'X-Request-Id': 'abc.1' } })).headers['x-request-id']).toBe('abc.1');
    expect((await bench.ask(URL, { headers: { 'X-Request-Id': '<script>' } })).headers['x-request-id']).not.toContain(
      '<',
    );
  });

  it('that fails gets a problem document', async () => {
    const { headers, body } = await bench.ask(`${URL}/absent?x=1`, { headers: { 'X-Request-Id': 'r-1' } });
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(JSON.parse(body.toString())).toEqual({
      type: 'urn:pawvault:error:BACKUP_NOT_FOUND',
      title: 'There is no such backup',
      status: 404,
      detail: 'There is no such backup',
      code: 'BACKUP_NOT_FOUND',
      remedy: 'List the backups and use an id from there.',
      details: { id: 'absent' },
      instance: `${URL}/absent`,
      request_id: 'r-1',
    });
  });

  it('that nobody answers is not found', async () => {
    for (const [method, path] of [
      ['GET', '/api/v1/nowhere'],
      ['GET', '/api/v2/backups'],
      ['PUT', '/'.repeat(3)],
    ] as const) {
      const reply = await bench.ask(path, { method });
      expect([method, path, reply.status, codeOf(reply)]).toEqual([method, path, 404, 'ROUTE_NOT_FOUND']);
    }
  });

  it.each([
    ['PUT', URL, 'GET, HEAD, POST'],
    ['DELETE', `${URL}?x=1`, 'GET, HEAD, POST'],
    ['PATCH', `${URL}/x/verify`, 'POST'],
    ['TRACE', `${URL}/x`, 'DELETE, GET, HEAD, PATCH'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['DELETE', '/api/backups', 'GET, HEAD'],
    ['GET', '/api/v1/imports/x/accept', 'POST'],
    ['PUT', '/api/v1/uploads', 'OPTIONS, POST'],
    ['GET', `/api/v1/uploads/${'a'.repeat(32)}`, 'DELETE, HEAD, OPTIONS, PATCH'],
  ])('%s %s is told which methods there are', async (method, path, allow) => {
    const reply = await bench.ask(path, { method });
    expect([reply.status, codeOf(reply), reply.headers['allow']]).toEqual([405, 'METHOD_NOT_ALLOWED', allow]);
  });

  it('with an id that is none is refused before anything is looked for', async () => {
    for (const id of [
      '..%2F..%2Fetc',
      '%2e%2e',
      '.hidden',
      'a%00b',
      'a%0Ab',
      'x'.repeat(201),
      '%F0%9F%98%80',
      'a%5Cb',
      '%252e',
    ]) {
      for (const path of [`${URL}/${id}`, `${URL}/${id}/archive`, `${URL}/${id}/files`, `${URL}/${id}/files/data/x`]) {
        const reply = await bench.ask(path);
        expect([path, reply.status, codeOf(reply)]).toEqual([path, 400, 'BACKUP_ID_INVALID']);
      }
      expect((await bench.ask(`${URL}/${id}`, { method: 'DELETE' })).status).toBe(400);
      expect((await bench.ask(`${URL}/${id}/verify`, { method: 'POST' })).status).toBe(400);
    }
    for (const path of [`${URL}/../../etc/passwd`, `${URL}/..`, `//etc/passwd`])
      expect([400, 404]).toContain((await bench.ask(path)).status);
  });

  it('needs JSON where it has a body', async () => {
    expect(codeOf(await post('{"name"', undefined))).toBe('VALIDATION_FAILED');
    for (const body of ['"text"', 'null', '7', '[]', '[{}]', '{"name":"a","mode":"full"}trailing', '\u0000']) {
      const reply = await post(body);
      expect([body, reply.status, codeOf(reply)]).toEqual([body, 400, 'VALIDATION_FAILED']);
    }
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonx',
      '',
    ]) {
      const reply = await post('{"name":"a","mode":"full"}', { 'Content-Type': type });
      expect([type, reply.status, codeOf(reply)]).toEqual([type, 415, 'UNSUPPORTED_MEDIA_TYPE']);
    }
    expect(codeOf(await post('{}', { 'Content-Type': 'application/json; charset=koi8-r' }))).toBe(
      'UNSUPPORTED_MEDIA_TYPE',
    );
    expect(codeOf(await post('{}', { 'Content-Type': 'application/json', 'Content-Encoding': 'zstd' }))).toBe(
      'UNSUPPORTED_MEDIA_TYPE',
    );
  });

  it('may not be large', async () => {
    const reply = await post(JSON.stringify({ name: 'a', mode: 'full', description: 'x'.repeat(1024 * 1024) }));
    expect([reply.status, codeOf(reply)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('cannot reach the prototypes', async () => {
    for (const body of [
      '{"__proto__":{"polluted":1},"name":"a","mode":"most"}',
      '{"constructor":{"prototype":{"polluted":1}},"name":"a","mode":"most"}',
    ]) {
      expect((await post(body)).status).toBe(400);
    }
    await bench.ask(`${URL}?__proto__[polluted]=1&constructor[prototype][polluted]=1`);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('does not quote bodies back or log them', async () => {
    const { body } = await post('{"name": "my-secret-name", oops');
    expect(body.toString()).not.toContain('my-secret-name');
    expect(JSON.stringify(bench.logs)).not.toContain('my-secret-name');
  });

  it('that is no HTTP does not harm', async () => {
    expect(await bench.raw('GET /api/v1/backups HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 /,
    );
    expect(await bench.raw('GET /api/v1/backups HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 200 /,
    );
    expect(
      await bench.raw(
        'POST /api/v1/backups HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      ),
    ).toMatch(/^HTTP\/1\.1 400 /);
    await bench.api.get(URL).expect(200);
  });

  it('for the documentation finds it', async () => {
    expect((await bench.api.get('/api/docs').expect(200)).text).toContain('swagger');
    expect((await bench.api.get('/api/openapi.json').expect(200)).body.openapi).toMatch(/^3\./);
  });
});
