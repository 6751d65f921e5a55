import { cpSync, readFileSync, renameSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FULL_SCOPE } from '@pawvault/contracts';
import { forgeZip, qwenpawFixture, tempDir } from '@pawvault/testing';
import { Bench } from '../spec-support/bench';
import type { FileListDto } from './backup.dto';

const WHOLE = readFileSync(qwenpawFixture('native-full.zip'));

describe('the archive of a backup', () => {
  let bench: Bench;
  let url: string;
  beforeEach(async () => {
    bench = await Bench.open();
    url = `/api/v1/backups/${await bench.addBackup('native-full.zip')}/archive`;
  });
  afterEach(() => bench.close());

  it('arrives whole', async () => {
    const { status, headers, body } = await bench.ask(url);
    expect(status).toBe(200);
    expect(body.equals(WHOLE)).toBe(true);
    expect(headers).toMatchObject({
      'content-type': 'application/zip',
      'content-length': String(WHOLE.length),
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      'content-disposition': `attachment; filename="native-full.zip"; filename*=UTF-8''native-full.zip`,
    });
    expect(headers.etag).toMatch(/^"[0-9a-z-]+"$/);
    expect(new Date(headers['last-modified'] ?? '').getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('is described by HEAD', async () => {
    const get = await bench.ask(url);
    const head = await bench.ask(url, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.body).toHaveLength(0);
    for (const name of ['content-length', 'etag', 'last-modified', 'content-disposition'])
      expect(head.headers[name]).toBe(get.headers[name]);
  });

  const size = WHOLE.length;
  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=10-19', 10, 20],
    [`bytes=${size - 1}-`, size - 1, size],
    [`bytes=5-${size * 2}`, 5, size],
    ['bytes=-7', size - 7, size],
    [`bytes=-${size * 9}`, 0, size],
    ['bytes=0-99999999999999999999', 0, size],
  ])('gives the range %s', async (range, start, end) => {
    const { status, headers, body } = await bench.ask(url, { headers: { Range: range } });
    expect(status).toBe(206);
    expect(headers['content-range']).toBe(`bytes ${start}-${end - 1}/${size}`);
    expect(headers['content-length']).toBe(String(end - start));
    expect(body.equals(WHOLE.subarray(start, end))).toBe(true);
  });

  it.each([`bytes=${size}-`, 'bytes=-0', 'bytes=99999999999999999999-'])('refuses the range %s', async (range) => {
    const { status, headers, body } = await bench.ask(url, { headers: { Range: range } });
    expect(status).toBe(416);
    expect(headers['content-range']).toBe(`bytes */${size}`);
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'RANGE_NOT_SATISFIABLE', details: { size } });
  });

  it.each([
    'bytes=5-2',
    'bytes=-',
    'bytes=a-b',
    'bytes=--1',
    'items=0-1',
    'bytes=0-1,2-3',
    `bytes=${'0-,'.repeat(2000)}0-`,
    'bytes=0x0-0x5',
  ])('ignores the range %.30s', async (range) => {
    const { status, body } = await bench.ask(url, { headers: { Range: range } });
    expect(status).toBe(200);
    expect(body).toHaveLength(size);
  });

  it('goes on only with the same bytes', async () => {
    const { headers } = await bench.ask(url);
    const resume = (condition: string) => bench.ask(url, { headers: { Range: 'bytes=1-', 'If-Range': condition } });
    expect((await resume(headers.etag ?? '')).status).toBe(206);
    expect((await resume('"other"')).status).toBe(200);
    expect((await resume(`W/${headers.etag}`)).status).toBe(200);
    expect((await resume(headers['last-modified'] ?? '')).status).toBe(200);
    utimesSync(join(bench.backupDir, 'native-full.zip'), 1, 1);
    expect((await resume(headers.etag ?? '')).status).toBe(200);
  });

  it('is not sent again to who has it', async () => {
    const { headers } = await bench.ask(url);
    const again = await bench.ask(url, { headers: { 'If-None-Match': `"x", W/${headers.etag}` } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    expect((await bench.ask(url, { headers: { 'If-Modified-Since': headers['last-modified'] ?? '' } })).status).toBe(
      304,
    );
    expect((await bench.ask(url, { headers: { 'If-None-Match': '"x"' } })).status).toBe(200);
    expect((await bench.ask(url, { headers: { 'If-Modified-Since': 'long ago' } })).status).toBe(200);
  });

  it('has a name that cannot break out of its header', async () => {
    const nasty = 'evil"\r\nSet-Cookie: a=b; 猫%.zip';
    cpSync(qwenpawFixture('native-partial.zip'), join(bench.backupDir, nasty));
    const { body } = await bench.api.get('/api/v1/backups').query({ kind: 'partial' });
    const { headers, status } = await bench.ask(`/api/v1/backups/${body.backups[0].id}/archive`);
    expect(status).toBe(200);
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['content-disposition']).toBe(
      `attachment; filename="evil___Set-Cookie: a=b; __.zip"; filename*=UTF-8''evil%22%0D%0ASet-Cookie%3A%20a%3Db%3B%20%E7%8C%AB%25.zip`,
    );
  });

  it('is sent through a link that its file was replaced by', async () => {
    const moved = join(tempDir('nas'), 'moved.zip');
    renameSync(join(bench.backupDir, 'native-full.zip'), moved);
    symlinkSync(moved, join(bench.backupDir, 'native-full.zip'));
    const { status, body } = await bench.ask(url);
    expect([status, body.equals(WHOLE)]).toEqual([200, true]);
  });

  it('is gone when it is gone', async () => {
    unlinkSync(join(bench.backupDir, 'native-full.zip'));
    expect((await bench.ask(url)).status).toBe(404);
  });
});

describe('the files of a backup', () => {
  let bench: Bench;
  let url: string;
  beforeEach(async () => {
    bench = await Bench.open();
    url = `/api/v1/backups/${await bench.addBackup('native-full.zip')}/files`;
  });
  afterEach(() => bench.close());

  const paths = async (query: object = {}): Promise<string[]> => {
    const { body }: { body: FileListDto } = await bench.api.get(url).query(query).expect(200);
    return body.files.map(({ path }) => path);
  };
  const address = (path: string): string => `${url}/${path.split('/').map(encodeURIComponent).join('/')}`;

  it('are listed in pages, by prefix', async () => {
    const all = await paths();
    expect(all.length).toBeGreaterThan(5);
    const seen: string[] = [];
    for (let next: object | null = {}; next !== null;) {
      const { body }: { body: FileListDto } = await bench.api.get(url).query({ limit: 2, ...next });
      seen.push(...body.files.map(({ path }) => path));
      next = body.next_cursor === null ? null : { cursor: body.next_cursor };
    }
    expect(seen).toEqual(all);
    const some = await paths({ prefix: 'data/workspaces/' });
    expect(some).toEqual(all.filter((path) => path.startsWith('data/workspaces/')));
    await bench.api.get(url).query({ limit: 5001 }).expect(400);
    await bench.api.get(url).query({ cursor: 'data/x' }).expect(400);
  });

  it('can be downloaded, whatever their names, and never shown', async () => {
    const { body: list }: { body: FileListDto } = await bench.api.get(url).expect(200);
    const files = list.files.filter(({ path, type }) => type === 'file' && !path.startsWith('data/secrets/'));
    for (const { path, size } of files) {
      const { status, headers, body } = await bench.ask(address(path));
      expect([path, status, body.length]).toEqual([path, 200, size]);
      expect(headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'content-disposition': expect.stringMatching(
          /^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''[\w.%!~-]+$/,
        ),
      });
      const head = await bench.ask(address(path), { method: 'HEAD' });
      expect([head.status, head.headers['content-length']]).toEqual([200, String(size)]);
    }
    expect(files.some(({ path }) => /[^ -~]/.test(path))).toBe(true);
  });

  it('keep names that Linux allows, and no name reaches a header as it is', async () => {
    const names = [
      'new\r\nSet-Cookie: a=b',
      'tab\tbell\u0007',
      'back\\slash',
      '..\\..\\up',
      'C:',
      'a?b#c%2fd',
      '"; x="',
    ];
    const entries = names.map((name) => ({ name: `data/workspaces/a/${name}`, content: name }));
    const meta = { id: 'odd', name: 'odd', created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE };
    const zip = forgeZip([...entries, { name: 'meta.json', content: JSON.stringify(meta) }]);
    writeFileSync(join(bench.backupDir, 'odd.zip'), zip);
    url = '/api/v1/backups/odd/files';

    expect(new Set(await paths())).toEqual(new Set(entries.map(({ name }) => name)));
    for (const { name, content } of entries) {
      const { status, headers, body } = await bench.ask(address(name));
      expect([name, status, body.toString()]).toEqual([name, 200, content]);
      expect(headers['set-cookie']).toBeUndefined();
      expect(headers['content-disposition']).toMatch(
        /^attachment; filename="[^\p{Cc}"\\%/]+"; filename\*=UTF-8''[\w.%!~-]+$/u,
      );
    }
  });

  it('of the secrets module stay inside, unless the configuration says otherwise', async () => {
    const secret = (await paths({ prefix: 'data/secrets/' })).find((path) => !path.endsWith('/')) ?? '';
    expect(secret).not.toBe('');
    for (const spelling of [
      address(secret),
      `${url}/data%2Fsecrets%2F${secret.slice('data/secrets/'.length)}`,
      `${url}/data/%73ecrets/x`,
    ]) {
      const { status, body } = await bench.ask(spelling);
      expect([status, JSON.parse(body.toString()).code]).toEqual([403, 'SECRETS_NOT_SERVED']);
    }
    expect((await bench.ask(`${url}/data/./secrets/.master_key`)).status).toBe(404);
    expect((await bench.ask(`${url}/data//secrets/.master_key`)).status).toBe(404);
    const open = await Bench.open({ PAWVAULT_SERVE_SECRETS: 'true' });
    const id = await open.addBackup('native-full.zip');
    expect((await open.ask(`/api/v1/backups/${id}/files/${secret}`)).status).toBe(200);
    await open.close();
  });

  it('are not found by any trick', async () => {
    for (const path of [
      '../../../../etc/passwd',
      '..%2f..%2f.signing_key',
      'meta.json',
      'data%00',
      'data/%00',
      'nothing',
      'data/x/%2e%2e/config.json',
      'a'.repeat(5000),
    ]) {
      const { status, body } = await bench.ask(`${url}/${path}`);
      expect([path, status]).toEqual([path, 404]);
      expect(JSON.parse(body.toString()).code).toMatch(/BACKUP_FILE_NOT_FOUND|ROUTE_NOT_FOUND/);
    }
    const { status, body } = await bench.ask(`${url}/data/%E0%A4%A`);
    expect([status, JSON.parse(body.toString()).code]).toEqual([400, 'VALIDATION_FAILED']);
  });

  it('that are damaged are refused with the reason', async () => {
    const file = join(bench.backupDir, 'native-full.zip');
    const bytes = readFileSync(file);
    const at = bytes.indexOf('data/config.json');
    const start = at + 'data/config.json'.length + bytes.readUInt16LE(at - 2);
    bytes.writeUInt8((bytes[start + 3] ?? 0) ^ 0xff, start + 3);
    writeFileSync(file, bytes);
    const { body } = await bench.api.get(address('data/config.json')).expect(422);
    expect(body).toMatchObject({
      code: 'BACKUP_INVALID',
      details: { reason: expect.stringMatching(/^ARCHIVE_ENTRY_/) },
    });
  });
});
