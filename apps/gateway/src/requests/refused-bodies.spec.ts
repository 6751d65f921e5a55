import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failNthCall, qwenpawFixture } from '@pawvault/testing';
import { Bench } from '../spec-support/bench';

const ARCHIVE = readFileSync(qwenpawFixture('native-full.zip'));
const TOKEN = 'a-token-that-is-long-enough';
const HUGE = 5 * 2 ** 30;

let bench: Bench;
beforeEach(async () => (bench = await Bench.open({ PAWVAULT_TOKEN: TOKEN, PAWVAULT_LIMIT_UPLOAD_BYTES: '1000T' })));
afterEach(() => bench.close());

/** A client that sees everything that comes back, and when. */
class Client {
  received = '';
  private constructor(readonly socket: Socket) {
    socket.on('data', (piece: Buffer) => (this.received += piece.toString('latin1')));
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<Client> {
    const socket = connect(port, '127.0.0.1');
    const client = new Client(socket);
    await once(socket, 'connect');
    return client;
  }

  head(method: string, path: string, headers: Record<string, string | number>): void {
    const all = { Host: 'localhost', Authorization: `Bearer ${TOKEN}`, ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  }

  async until(pattern: RegExp): Promise<void> {
    const signal = AbortSignal.timeout(10_000);
    while (!pattern.test(this.received)) await once(this.socket, 'data', { signal });
  }

  /** Sends until it cannot, or until told to stop. @returns bytes that the other side has taken */
  async flood(isEnough: () => boolean): Promise<number> {
    const piece = Buffer.alloc(1 << 20, 'x');
    let proceed: () => void = () => undefined;
    for (const event of ['drain', 'close', 'data']) this.socket.on(event, () => proceed());
    while (!this.socket.destroyed && !isEnough())
      if (!this.socket.write(piece)) await new Promise<void>((resolve) => (proceed = resolve));
    return this.socket.bytesWritten;
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.received)?.[1]);
  }

  get problem(): { code?: string; request_id?: string } {
    return JSON.parse(this.received.slice(this.received.indexOf('\r\n\r\n') + 4)) as { code?: string };
  }
}

const ZIP = { 'Content-Type': 'application/zip' };
const TUS = { 'Tus-Resumable': '1.0.0', 'Content-Type': 'application/offset+octet-stream' };
const FORM = { 'Content-Type': 'multipart/form-data; boundary=x' };

describe('a body that is announced with Expect: 100-continue', () => {
  it.each<[string, number, string, string, string, Record<string, string | number>]>([
    ['without a token', 401, 'UNAUTHORIZED', 'POST', '/api/v1/imports', { ...ZIP, Authorization: 'Bearer x' }],
    ['of another kind', 415, 'UNSUPPORTED_MEDIA_TYPE', 'POST', '/api/v1/imports', { 'Content-Type': 'text/plain' }],
    ['of another kind for JSON', 415, 'UNSUPPORTED_MEDIA_TYPE', 'POST', '/api/v1/backups', ZIP],
    ['too large for JSON', 413, 'PAYLOAD_TOO_LARGE', 'POST', '/api/v1/backups', { 'Content-Type': 'application/json' }],
    ['too large', 413, 'PAYLOAD_TOO_LARGE', 'POST', '/api/v1/imports', { ...ZIP, 'Content-Length': 2 ** 51 }],
    ['larger than the disk', 507, 'DISK_FULL', 'POST', '/api/v1/imports', { ...ZIP, 'Content-Length': 2 ** 49 }],
    [
      'larger than the disk, in a form',
      507,
      'DISK_FULL',
      'POST',
      '/api/v1/imports',
      { ...FORM, 'Content-Length': 2 ** 49 },
    ],
    ['for no route', 404, 'ROUTE_NOT_FOUND', 'POST', '/api/v1/uploads/x/y', ZIP],
    ['for another method', 405, 'METHOD_NOT_ALLOWED', 'PUT', '/api/v1/imports', ZIP],
    [
      'for an upload that is not there',
      404,
      'IMPORT_NOT_FOUND',
      'PATCH',
      `/api/v1/uploads/${'a'.repeat(32)}`,
      { ...TUS, 'Upload-Offset': 0 },
    ],
  ])('%s is refused before it is sent', async (_what, status, code, method, path, headers) => {
    const client = await Client.open(bench.port);
    client.head(method, path, { 'Content-Length': HUGE, Expect: '100-continue', ...headers });
    await once(client.socket, 'close');
    expect(client.received).not.toContain('100 Continue');
    expect([client.status, client.problem.code]).toEqual([status, code]);
    expect(client.received).toMatch(/\r\nconnection: close\r\n/i);
  });

  it('and is wanted is asked for', async () => {
    const client = await Client.open(bench.port);
    client.head('POST', '/api/v1/imports', { ...ZIP, 'Content-Length': ARCHIVE.length, Expect: '100-continue' });
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.socket.write(ARCHIVE);
    await client.until(/HTTP\/1\.1 202 /);
    client.socket.destroy();
  });
});

describe('an upload that is refused while it is being sent', () => {
  const REFUSED = { 'Content-Type': 'text/plain', 'Content-Length': HUGE };

  it('is answered at once, and a client that stops then has sent next to nothing', async () => {
    const client = await Client.open(bench.port);
    client.head('POST', '/api/v1/imports', REFUSED);
    const sent = await client.flood(() => client.received.endsWith('}'));
    expect(client.problem).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE', request_id: expect.any(String) });
    expect(sent).toBeLessThan(64 << 20);
    client.socket.destroy();
  });

  it('costs no more than a bound when the client does not stop, and the answer is there', async () => {
    const client = await Client.open(bench.port);
    client.head('POST', '/api/v1/imports', REFUSED);
    const sent = await client.flood(() => false);
    expect(client.problem.code).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(sent).toBeLessThan(128 << 20);
  });

  it('that ends soon is read to its end, and the answer comes whole', async () => {
    const client = await Client.open(bench.port);
    client.head('POST', '/api/v1/imports', { ...REFUSED, 'Content-Length': 20 << 20 });
    const sent = client.flood(() => client.socket.bytesWritten >= 20 << 20);
    await once(client.socket, 'close');
    expect(await sent).toBeGreaterThanOrEqual(20 << 20);
    expect(client.problem.code).toBe('UNSUPPORTED_MEDIA_TYPE');
  });

  it('in the middle of a form, for a part of another name, is not read to its end', async () => {
    const client = await Client.open(bench.port);
    client.head('POST', '/api/v1/imports', { ...FORM, 'Content-Length': HUGE });
    client.socket.write('--x\r\nContent-Disposition: form-data; name="other"; filename="a.zip"\r\n\r\n');
    const sent = await client.flood(() => false);
    expect(client.problem.code).toBe('UPLOAD_INVALID');
    expect(sent).toBeLessThan(128 << 20);
  });

  describe.each(['/api/v1/backups', '/api/v1/imports', '/api/v1/uploads', '/api/backups/import'])(
    'as JSON to %s',
    (path) => {
      const JSON_TYPE = { 'Content-Type': 'application/json' };

      it('without a size is not read for ever', async () => {
        const client = await Client.open(bench.port);
        client.head('POST', path, { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' });
        client.socket.write(`${HUGE.toString(16)}\r\n`);
        expect(await client.flood(() => client.socket.bytesWritten > 256 << 20)).toBeLessThan(128 << 20);
      });

      it('that says that it is large is refused at once', async () => {
        const client = await Client.open(bench.port);
        client.head('POST', path, { ...JSON_TYPE, 'Content-Length': HUGE });
        await client.until(/\}$/);
        expect(client.problem.code).toBe('PAYLOAD_TOO_LARGE');
        client.socket.destroy();
      });
    },
  );

  it('keeps its connection when the body was small', async () => {
    const client = await Client.open(bench.port);
    client.head('POST', '/api/v1/imports', { 'Content-Type': 'text/plain', 'Content-Length': 3 });
    client.socket.write('abc');
    await client.until(/\}$/);
    client.received = '';
    client.head('GET', '/health/live', { Connection: 'close' });
    await once(client.socket, 'close');
    expect(client.status).toBe(200);
  });
});

describe('a disk that is full in the middle of an upload', () => {
  const kept = (): string[] => readdirSync(join(bench.backupDir, '.pawvault', 'imports'));

  it.each([
    ['as a body', (): PromiseLike<{ status: number; body: { code?: string } }> => post().set(ZIP).send(ARCHIVE)],
    ['as a form', (): PromiseLike<{ status: number; body: { code?: string } }> => post().attach('file', ARCHIVE, 'x')],
  ])('%s is told, and leaves nothing', async (_what, send) => {
    const isArchive = ({ name, target }: { name: string; target: unknown }): boolean =>
      /^write/.test(name) && typeof target === 'number';
    const injection = await failNthCall(1, { under: bench.backupDir, errno: 'ENOSPC', only: isArchive });
    const { status, body } = await send();
    injection.restore();
    expect([injection.failed()?.name, status, body.code]).toEqual([expect.stringMatching(/^write/), 507, 'DISK_FULL']);
    expect(kept()).toEqual([]);
  });

  const post = () => bench.api.post('/api/v1/imports').set('Authorization', `Bearer ${TOKEN}`);
});
