import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { tempDir, writeTree } from '@pawvault/testing';
import { Bench, type Reply } from '../spec-support/bench';
import { acceptedEncoding } from './accepted-encoding';
import { type ConsoleFiles, loadConsole } from './console-files';

const PAGE = '<!doctype html><title>PawVault</title><script type="module" src="/assets/index-abc123.js"></script>';
const SCRIPT = 'console.log("PawVault");\n'.repeat(100);
const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'Accept-Encoding': 'gzip, deflate, br, zstd' };

function buildConsole(): { files: ConsoleFiles; directory: string } {
  const root = tempDir('console');
  const directory = join(root, 'console');
  writeTree(root, { 'secret.txt': 'outside' });
  writeTree(directory, {
    'index.html': PAGE,
    'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'assets/index-abc123.js': SCRIPT,
    'assets/index-abc123.js.map': '{}',
    '.env': 'TOKEN=1',
  });
  writeFileSync(join(directory, 'assets/index-abc123.js.br'), brotliCompressSync(SCRIPT));
  writeFileSync(join(directory, 'assets/index-abc123.js.gz'), gzipSync(SCRIPT));
  const files = loadConsole(directory);
  if (files === null) throw new Error('There is no console');
  return { files, directory };
}

const codeOf = ({ body }: Reply): unknown => JSON.parse(body.toString()).code;

describe('the console', () => {
  let bench: Bench;
  beforeAll(async () => (bench = await Bench.open({}, buildConsole().files)));
  afterAll(() => bench.close());

  it.each(['/', '/?lang=zh', '/backups/some-id', '/jobs', '/index.html', '/api-of-mine', '/backups/a.b'])(
    'has a page at %s, asked for anew every time',
    async (path) => {
      const { status, headers, body } = await bench.ask(path, { headers: BROWSER });
      expect([status, body.toString()]).toEqual([200, PAGE]);
      expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    },
  );

  it('runs no script and loads nothing but what it ships', async () => {
    const { headers } = await bench.ask('/', { headers: BROWSER });
    const policy = String(headers['content-security-policy']);
    const sources = Object.fromEntries(
      policy.split('; ').map((line) => [line.split(' ', 1)[0], line.split(' ').slice(1)]),
    );
    expect(sources).toMatchObject({
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'connect-src': ["'self'"],
      'frame-ancestors': ["'none'"],
    });
    expect(policy.match(/unsafe-[a-z]+/g)).toEqual(['unsafe-inline']);
    expect(sources['style-src']).toContain("'unsafe-inline'");
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
    });
  });

  it('sends a script in the smallest form that the browser takes, to be kept for good', async () => {
    const ask = (encodings: string) =>
      bench.ask('/assets/index-abc123.js', { headers: { 'Accept-Encoding': encodings } });
    const brotli = await ask('gzip, deflate, br');
    expect(brotli.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
      'content-length': String(brotli.body.length),
    });
    expect(brotliDecompressSync(brotli.body).toString()).toBe(SCRIPT);
    expect(gunzipSync((await ask('gzip')).body).toString()).toBe(SCRIPT);
    const plain = await ask('br;q=0, zstd');
    expect([plain.headers['content-encoding'], plain.body.toString()]).toEqual([undefined, SCRIPT]);
  });

  it('sends nothing again that the browser has', async () => {
    const first = await bench.ask('/favicon.svg');
    expect(first.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'image/svg+xml' });
    const again = await bench.ask('/favicon.svg', { headers: { 'If-None-Match': String(first.headers.etag) } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it('answers HEAD without a body', async () => {
    for (const path of ['/', '/assets/index-abc123.js']) {
      const { status, body } = await bench.ask(path, { method: 'HEAD', headers: BROWSER });
      expect([status, body.length]).toEqual([200, 0]);
    }
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/%252e%252e/secret.txt',
    '/..\\secret.txt',
    '//etc/passwd',
    '/assets/\0secret.txt'.replace('\0', '%00'),
    'http://127.0.0.1/../secret.txt',
    '/.env',
    '/assets/index-abc123.js.map',
    '/assets/index-abc123.js.br',
    '/assets/gone-since-the-update.js',
    '/assets/',
    '/__proto__',
    '/constructor',
  ])('has no file %s', async (path) => {
    const reply = await bench.ask(path);
    expect([reply.status, codeOf(reply)]).toEqual([404, 'ROUTE_NOT_FOUND']);
    const shown = await bench.ask(path, { headers: BROWSER });
    expect(shown.body.toString()).not.toMatch(/outside|root:|TOKEN/);
  });

  it('never answers a missing script with a page', async () => {
    const reply = await bench.ask('/assets/gone-since-the-update.js', { headers: BROWSER });
    expect([reply.status, codeOf(reply)]).toEqual([404, 'ROUTE_NOT_FOUND']);
  });

  it('leaves the routes of the gateway to it, pages or not', async () => {
    for (const path of ['/api/nowhere', '/api/v1/nowhere', '/API/nowhere', '/health/nowhere']) {
      const reply = await bench.ask(path, { headers: BROWSER });
      expect([path, reply.status, codeOf(reply)]).toEqual([path, 404, 'ROUTE_NOT_FOUND']);
    }
    const posted = await bench.ask('/', { method: 'POST', headers: BROWSER });
    expect(posted.status).toBe(404);
  });

  it('comes under allowed names only', async () => {
    const reply = await bench.ask('/', { headers: { ...BROWSER, Host: 'evil.example' } });
    expect([reply.status, codeOf(reply)]).toEqual([403, 'HOST_NOT_ALLOWED']);
  });
});

describe('with a token', () => {
  let bench: Bench;
  beforeAll(
    async () => (bench = await Bench.open({ PAWVAULT_TOKEN: 'correct-horse-battery-staple' }, buildConsole().files)),
  );
  afterAll(() => bench.close());

  it('is there to ask for it', async () => {
    for (const path of ['/', '/backups/some-id', '/assets/index-abc123.js'])
      expect((await bench.ask(path, { headers: { ...BROWSER, Host: 'paw.example' } })).status).toBe(200);
  });

  it('is no way around it, however a route is spelt', async () => {
    const spellings = [
      '/API/v1/backups',
      '/Api/V1/Backups',
      '/%61pi/v1/backups',
      '//api/v1/backups',
      '/x/../api/v1/backups',
    ];
    for (const path of [...spellings, `http://127.0.0.1:${bench.port}/api/v1/backups`, '/api/v1/backups/']) {
      const { status, body } = await bench.ask(path);
      expect([path, status === 401 || status === 404]).toEqual([path, true]);
      expect(body.toString()).not.toContain('next_cursor');
    }
  });
});

describe('without a build', () => {
  let bench: Bench;
  beforeAll(async () => (bench = await Bench.open()));
  afterAll(() => bench.close());

  it('says so, and what to do', async () => {
    for (const path of ['/', '/backups/some-id']) {
      const { status, headers, body } = await bench.ask(path, { headers: BROWSER });
      expect([status, headers['content-type']]).toEqual([503, 'text/html; charset=utf-8']);
      expect(body.toString()).toMatch(/npm run build[^]*\/api\/docs/);
    }
    expect(codeOf(await bench.ask('/assets/index.js'))).toBe('ROUTE_NOT_FOUND');
  });

  it('is told from one', () => {
    expect(loadConsole(join(tempDir('console'), 'nowhere'))).toBeNull();
    const { files } = buildConsole();
    expect([...files.keys()].sort()).toEqual(['/assets/index-abc123.js', '/favicon.svg', '/index.html']);
  });
});

describe('the encoding', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['br', 'br'],
    ['GZIP', 'gzip'],
    ['gzip;q=1, br;q=0.1', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['br ; q=0', null],
    ['*', 'br'],
    ['*;q=0', null],
    ['*, br;q=0', 'gzip'],
    ['identity', null],
    ['brotli', null],
    ['br;q=nonsense', null],
  ])('for %s is %s', (header, expected) => {
    expect(acceptedEncoding(header, ['br', 'gzip'])).toBe(expected);
  });

  it('is one that is at hand', () => {
    expect(acceptedEncoding('br, gzip', ['gzip'])).toBe('gzip');
    expect(acceptedEncoding('br, gzip', [])).toBeNull();
  });
});
