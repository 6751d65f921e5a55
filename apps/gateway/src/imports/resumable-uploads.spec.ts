import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { failNthCall, qwenpawFixture } from '@pawvault/testing';
import { Bench } from '../spec-support/bench';
import { Imports } from './imports';
import { ResumableUploads } from './resumable-uploads';

const ARCHIVE = readFileSync(qwenpawFixture('native-full.zip'));

let bench: Bench;
beforeEach(async () => (bench = await Bench.open({ PAWVAULT_LIMIT_UPLOAD_BYTES: '1M' })));
afterEach(() => bench.close());

const quarantine = (): string => join(bench.backupDir, '.pawvault', 'imports');
const uploads = (): string => join(bench.backupDir, '.pawvault', 'uploads');

const idOf = (url: string): string => url.split('/').at(-1) ?? '';

const TUS = { 'Tus-Resumable': '1.0.0' };
const metadata = `filename ${Buffer.from('../猫.zip').toString('base64')}`;
const create = (size: number | string, headers: Record<string, string> = {}) =>
  bench.api
    .post('/api/v1/uploads')
    .set({ ...TUS, 'Upload-Length': String(size), 'Upload-Metadata': metadata, ...headers });
const append = (url: string, offset: number | string, bytes: Buffer) =>
  bench.api
    .patch(url)
    .set({ ...TUS, 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' })
    .send(bytes);

it('goes on where it broke off, and becomes the import of the same id', async () => {
  const { headers } = await create(ARCHIVE.length).expect(201);
  const url = String(headers['location']);
  expect(url).toMatch(/^\/api\/v1\/uploads\/[0-9a-f]{32}$/);
  await append(url, 0, ARCHIVE.subarray(0, 1000)).expect(204);
  const { headers: state } = await bench.api.head(url).set(TUS).expect(200);
  expect(state).toMatchObject({ 'upload-offset': '1000', 'upload-length': String(ARCHIVE.length) });
  await append(url, 1000, ARCHIVE.subarray(1000)).expect(204);
  const { body } = await bench.api.get(url.replace('uploads', 'imports')).expect(200);
  expect(body).toMatchObject({ state: 'checking', size: ARCHIVE.length, file_name: '猫.zip' });
  expect(readFileSync(join(quarantine(), body.id, 'archive.zip'))).toEqual(ARCHIVE);
  expect(readdirSync(join(bench.backupDir, '.pawvault', 'uploads'))).toEqual([]);
});

it('that is too large is refused before a byte of it', async () => {
  await create(2_000_000).expect(413);
  expect(readdirSync(join(bench.backupDir, '.pawvault', 'uploads'))).toEqual([]);
});

it('can be given up', async () => {
  const { headers } = await create(10).expect(201);
  await bench.api.delete(String(headers['location'])).set(TUS).expect(204);
  await bench.api.head(String(headers['location'])).set(TUS).expect(404);
});

it('lets no page of another origin in', async () => {
  const { headers } = await create(10)
    .set('Origin', `http://127.0.0.1:${bench.port}`)
    .set('Host', `127.0.0.1:${bench.port}`);
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

it('does only what its method says: a header cannot turn a look into a deletion', async () => {
  const { headers } = await create(10).expect(201);
  const url = String(headers['location']);
  const foreign = { ...TUS, Origin: 'https://evil.example', 'X-HTTP-Method-Override': 'DELETE' };
  await bench.api.delete(url).set(foreign).expect(403);
  await bench.api.head(url).set(foreign).expect(200);
  await bench.api.head(url).set(TUS).expect(200);
});

describe('after a restart of the gateway', () => {
  const age = (url: string, minutes: number): void => {
    const then = Date.now() / 1000 - minutes * 60;
    utimesSync(join(uploads(), idOf(url)), then, then);
  };
  /** As it was begun long ago, whatever its last byte. */
  const begunLongAgo = (url: string): void => {
    const path = join(uploads(), `${idOf(url)}.json`);
    const facts = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...facts, creation_date: '2020-01-01T00:00:00.000Z' }));
  };
  const restart = (): Promise<void> => bench.app.get(ResumableUploads).onApplicationBootstrap();

  it('one that still gets bytes goes on, however long ago it was begun', async () => {
    const { headers } = await create(ARCHIVE.length).expect(201);
    const url = String(headers['location']);
    await append(url, 0, ARCHIVE.subarray(0, 1000)).expect(204);
    begunLongAgo(url);
    await restart();
    await append(url, 1000, ARCHIVE.subarray(1000)).expect(204);
  });

  it('one that has stood still for more than an hour is gone', async () => {
    const { headers } = await create(ARCHIVE.length).expect(201);
    const url = String(headers['location']);
    await append(url, 0, ARCHIVE.subarray(0, 1000)).expect(204);
    age(url, 61);
    await restart();
    expect(readdirSync(uploads())).toEqual([]);
  });

  it('one whose gateway died behind its last byte becomes an import', async () => {
    const { headers } = await create(ARCHIVE.length).expect(201);
    const url = String(headers['location']);
    await append(url, 0, ARCHIVE.subarray(0, 1000)).expect(204);
    appendFileSync(join(uploads(), idOf(url)), ARCHIVE.subarray(1000));
    age(url, 2);
    await restart();
    const { body } = await bench.api.get(url.replace('uploads', 'imports')).expect(200);
    expect(body).toMatchObject({ state: 'checking', size: ARCHIVE.length });
    expect(readdirSync(uploads())).toEqual([]);
  });

  it.each([
    ['before it was written down', false],
    ['before the description of its upload was removed', true],
  ])('one that had been moved into quarantine %s becomes an import', async (_when, isWrittenDown) => {
    const url = String((await create(ARCHIVE.length).expect(201)).headers['location']);
    const id = idOf(url);
    appendFileSync(join(uploads(), id), ARCHIVE);
    if (isWrittenDown) {
      const { quarantine } = bench.app.get(Imports);
      await quarantine.adopt(join(uploads(), id), { id, fileName: '猫.zip', trustMode: null });
    } else {
      mkdirSync(join(quarantine(), id), { recursive: true });
      renameSync(join(uploads(), id), join(quarantine(), id, 'archive.zip'));
    }
    await restart();
    const { body } = await bench.api.get(`/api/v1/imports/${id}`).expect(200);
    expect(body).toMatchObject({ state: 'checking', size: ARCHIVE.length, file_name: '猫.zip' });
    expect(await bench.queue.get(body.job_id)).toMatchObject({ type: 'import.check' });
    expect(readdirSync(uploads())).toEqual([]);
  });

  it('one that was being given up leaves nothing', async () => {
    const url = String((await create(10).expect(201)).headers['location']);
    rmSync(join(uploads(), idOf(url)));
    await restart();
    expect(readdirSync(uploads())).toEqual([]);
  });

  it('one that cannot be taken in keeps no other from being removed', async () => {
    const created = await Promise.all([0, 1, 2, 3].map(() => create(ARCHIVE.length).expect(201)));
    const [complete = '', ...others] = created.map(({ headers }) => String(headers['location'])).sort();
    appendFileSync(join(uploads(), idOf(complete)), ARCHIVE);
    age(complete, 2);
    for (const url of others) age(url, 61);
    const injection = await failNthCall(1, { under: quarantine(), errno: 'ENOSPC', lasting: 'onwards' });
    await restart();
    injection.restore();
    expect(readdirSync(uploads()).sort()).toEqual([idOf(complete), `${idOf(complete)}.json`]);
    await restart();
    await bench.api.get(`/api/v1/imports/${idOf(complete)}`).expect(200);
  });
});

it('that is told to be complete is an import, also when the request with its last byte has died', async () => {
  const url = String((await create(ARCHIVE.length).expect(201)).headers['location']);
  appendFileSync(join(uploads(), idOf(url)), ARCHIVE);
  const looks = await Promise.all([0, 1, 2].map(() => bench.api.head(url).set(TUS).expect(200)));
  for (const { headers } of looks) expect(headers['upload-offset']).toBe(`${ARCHIVE.length}`);
  const { body } = await bench.api.get(`/api/v1/imports/${idOf(url)}`).expect(200);
  expect(body).toMatchObject({ state: 'checking', size: ARCHIVE.length });
  expect((await bench.queue.list({ limit: 10 })).jobs).toHaveLength(1);
});

it('that is complete says so, also to a client that has not heard of it', async () => {
  const { headers } = await create(ARCHIVE.length).expect(201);
  const url = String(headers['location']);
  await append(url, 0, ARCHIVE).expect(204);
  const { headers: state } = await bench.api.head(url).set(TUS).expect(200);
  expect(state).toMatchObject({ 'upload-offset': `${ARCHIVE.length}`, 'upload-length': `${ARCHIVE.length}` });
});

it('says what it can do', async () => {
  const { headers } = await bench.api.options('/api/v1/uploads').expect(204);
  expect(headers).toMatchObject({
    'tus-version': '1.0.0',
    'tus-extension': 'creation,creation-with-upload,termination',
    'tus-max-size': String(1 << 20),
  });
});

describe('what is refused is a problem document', () => {
  type Answer = PromiseLike<{ status: number; headers: Record<string, string>; body: Record<string, unknown> }>;
  const absent = `/api/v1/uploads/${'a'.repeat(32)}`;
  const piece = (offset: string, headers: Record<string, string> = {}): Answer =>
    begun().then((url) => append(url, offset, ARCHIVE.subarray(0, 10)).set(headers));
  const begun = async (): Promise<string> => String((await create(20)).headers['location']);

  it.each<[string, number, string, () => Answer]>([
    ['without the protocol', 412, 'UPLOAD_PROTOCOL_UNSUPPORTED', () => bench.api.post('/api/v1/uploads').send()],
    ['of another version', 412, 'UPLOAD_PROTOCOL_UNSUPPORTED', () => create(10, { 'Tus-Resumable': '0.2.2' })],
    ['too large', 413, 'PAYLOAD_TOO_LARGE', () => create(2 ** 21)],
    ['too large to be a number', 400, 'VALIDATION_FAILED', () => create('9'.repeat(40))],
    ['of a negative size', 400, 'VALIDATION_FAILED', () => create(-1)],
    ['of a size in other digits', 400, 'VALIDATION_FAILED', () => create('1e3')],
    ['of no size', 400, 'VALIDATION_FAILED', () => bench.api.post('/api/v1/uploads').set(TUS).send()],
    ['of nothing', 400, 'UPLOAD_INVALID', () => create(0)],
    [
      'of a size to be told later',
      400,
      'VALIDATION_FAILED',
      () =>
        bench.api
          .post('/api/v1/uploads')
          .set({ ...TUS, 'Upload-Defer-Length': '1' })
          .send(),
    ],
    ['in parts', 400, 'VALIDATION_FAILED', () => create(10, { 'Upload-Concat': 'partial' })],
    ['with nonsense for metadata', 400, 'VALIDATION_FAILED', () => create(10, { 'Upload-Metadata': 'a b c,,\u00ff' })],
    [
      'with metadata that would reach a prototype',
      400,
      'VALIDATION_FAILED',
      () => create(10, { 'Upload-Metadata': '__proto__ YQ==' }),
    ],
    ['with an unknown trust', 400, 'VALIDATION_FAILED', () => create(10, { 'Upload-Metadata': 'trust_mode YmxpbmQ=' })],
    [
      'with a body of another kind',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      () => create(10).set('Content-Type', 'text/plain').send('x'),
    ],
    ['that is not there', 404, 'IMPORT_NOT_FOUND', () => append(absent, 0, ARCHIVE)],
    ['that is not there to be deleted', 404, 'IMPORT_NOT_FOUND', () => bench.api.delete(absent).set(TUS)],
    ['at another offset', 409, 'UPLOAD_OFFSET_CONFLICT', () => piece('7')],
    ['at no offset', 400, 'VALIDATION_FAILED', () => piece('x')],
    ['of another kind', 415, 'UNSUPPORTED_MEDIA_TYPE', () => piece('0', { 'Content-Type': 'application/zip' })],
    ['of more than was announced', 413, 'PAYLOAD_TOO_LARGE', async () => append(await begun(), 0, ARCHIVE)],
  ])('%s', async (_what, status, code, send) => {
    const answer = await send();
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers['tus-resumable'] ?? answer.headers['tus-version'] ?? '1.0.0').toBe('1.0.0');
    for (const member of ['title', 'detail', 'remedy', 'request_id', 'instance'])
      expect([member, answer.body[member]]).toEqual([member, expect.stringMatching(/./)]);
  });

  it('also for a disk that is full before a piece, and in the middle of one; what has arrived stays', async () => {
    const url = String((await create(ARCHIVE.length).expect(201)).headers['location']);
    await append(url, 0, ARCHIVE.subarray(0, 1000)).expect(204);
    const isPiece = ({ name, target }: { name: string; target: unknown }): boolean =>
      /^write/.test(name) && typeof target === 'number';
    const injection = await failNthCall(1, { under: uploads(), errno: 'ENOSPC', only: isPiece });
    const { body } = await append(url, 1000, ARCHIVE.subarray(1000)).expect(507);
    injection.restore();
    expect(body).toMatchObject({ code: 'DISK_FULL' });
    const { headers } = await bench.api.head(url).set(TUS).expect(200);
    expect(headers['upload-offset']).toBe('1000');
    await append(url, 1000, ARCHIVE.subarray(1000)).expect(204);
    const roomy = await Bench.open({ PAWVAULT_LIMIT_UPLOAD_BYTES: '1000T' });
    const vast = roomy.api.post('/api/v1/uploads').set({ ...TUS, 'Upload-Length': String(2 ** 49) });
    expect((await vast.expect(507)).body).toMatchObject({ code: 'DISK_FULL' });
    await roomy.close();
  });
});

it('a connection that hangs is let go when the client comes back on another', async () => {
  const url = String((await create(ARCHIVE.length).expect(201)).headers['location']);
  const headers = { ...TUS, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' };
  const options = { host: '127.0.0.1', port: bench.port, path: url, method: 'PATCH' };
  const hanging = httpRequest({ ...options, headers: { ...headers, 'Content-Length': String(ARCHIVE.length) } });
  const refused = once(hanging, 'response') as Promise<[{ statusCode: number }]>;
  hanging.write(ARCHIVE.subarray(0, 1000));
  const arrived = AbortSignal.timeout(10_000);
  const id = idOf(url);
  while (readFileSync(join(uploads(), id)).length < 1000)
    await new Promise((resolve) => setImmediate(resolve, arrived.throwIfAborted()));
  const { headers: state } = await bench.api.head(url).set(TUS).expect(200);
  expect(state['upload-offset']).toBe('1000');
  await append(url, 1000, ARCHIVE.subarray(1000)).expect(204);
  hanging.destroy();
  await refused.catch(() => undefined);
});
