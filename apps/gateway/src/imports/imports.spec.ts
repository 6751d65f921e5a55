import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { DomainError } from '@pawvault/contracts';
import { newJobId } from '@pawvault/queue';
import { qwenpawFixture } from '@pawvault/testing';
import { Bench } from '../spec-support/bench';
import { Imports } from './imports';

const ARCHIVE = readFileSync(qwenpawFixture('native-full.zip'));
const ZIP = { 'Content-Type': 'application/zip' };

let bench: Bench;
beforeEach(async () => (bench = await Bench.open({ PAWVAULT_LIMIT_UPLOAD_BYTES: '1M' })));
afterEach(() => bench.close());

const quarantine = (): string => join(bench.backupDir, '.pawvault', 'imports');
const kept = (): string[] => {
  try {
    return readdirSync(quarantine());
  } catch {
    return [];
  }
};

describe('an upload', () => {
  it('as a body goes into quarantine as it is, and to a job', async () => {
    const { body, headers } = await bench.api
      .post('/api/v1/imports')
      .set(ZIP)
      .set('Content-Disposition', 'attachment; filename="../../etc/passwd.zip"')
      .send(ARCHIVE)
      .expect(202);
    expect(body).toMatchObject({ state: 'checking', size: ARCHIVE.length, file_name: 'passwd.zip', report: [] });
    expect(headers['location']).toBe(`/api/v1/imports/${body.id}`);
    expect(readFileSync(join(quarantine(), body.id, 'archive.zip'))).toEqual(ARCHIVE);
    expect(await bench.queue.get(body.job_id)).toMatchObject({ type: 'import.check', state: 'queued' });
  });

  it('as a form may name its trust before or behind the file', async () => {
    for (const first of [true, false]) {
      const form = bench.api.post('/api/v1/imports');
      if (first) void form.field('trust_mode', 'legacy');
      void form.attach('file', ARCHIVE, '备份 ☂.zip');
      if (!first) void form.field('trust_mode', 'legacy');
      const { body } = await form.expect(202);
      expect(body).toMatchObject({ size: ARCHIVE.length, file_name: '备份 ☂.zip' });
      const record = JSON.parse(readFileSync(join(quarantine(), body.id, 'import.json'), 'utf8'));
      expect(record).toMatchObject({ upload_trust_mode: 'legacy' });
    }
  });

  const large = Buffer.alloc(1_100_000);
  it.each<[string, number, string, () => PromiseLike<{ status: number; body: { code?: string } }>]>([
    ['that is empty', 400, 'UPLOAD_INVALID', () => bench.api.post('/api/v1/imports').set(ZIP).send('')],
    [
      'of another kind',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      () => bench.api.post('/api/v1/imports').set('Content-Type', 'text/plain').send('x'),
    ],
    [
      'that says it is too large',
      413,
      'PAYLOAD_TOO_LARGE',
      () => bench.api.post('/api/v1/imports').set(ZIP).send(large),
    ],
    [
      'in a form that is too large',
      413,
      'PAYLOAD_TOO_LARGE',
      () => bench.api.post('/api/v1/imports').attach('file', large, 'x.zip'),
    ],
    ['in a form without a file', 400, 'UPLOAD_INVALID', () => bench.api.post('/api/v1/imports').field('a', 'b')],
    [
      'in a part of another name',
      400,
      'UPLOAD_INVALID',
      () => bench.api.post('/api/v1/imports').attach('archive', ARCHIVE, 'x.zip'),
    ],
    [
      'of two files',
      400,
      'UPLOAD_INVALID',
      () => bench.api.post('/api/v1/imports').attach('file', ARCHIVE, 'x.zip').attach('file', ARCHIVE, 'y.zip'),
    ],
    [
      'with an unknown trust',
      400,
      'VALIDATION_FAILED',
      () => bench.api.post('/api/v1/imports').field('trust_mode', 'blind').attach('file', ARCHIVE, 'x.zip'),
    ],
    [
      'as a form with nothing in its file',
      400,
      'UPLOAD_INVALID',
      () => bench.api.post('/api/v1/imports').attach('file', Buffer.alloc(0), 'x.zip'),
    ],
    [
      'with an encoding',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      () => bench.api.post('/api/v1/imports').set(ZIP).set('Content-Encoding', 'gzip').send(ARCHIVE),
    ],
    [
      'in a form without a boundary',
      400,
      'UPLOAD_INVALID',
      () => bench.api.post('/api/v1/imports').set('Content-Type', 'multipart/form-data').send('x'),
    ],
  ])('%s is refused and leaves nothing', async (_what, status, code, send) => {
    const answer = await send();
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(kept()).toEqual([]);
  });

  it('without a size is stopped at the limit', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { ...ZIP, 'Transfer-Encoding': 'chunked' };
      const options = { host: '127.0.0.1', port: bench.port, path: '/api/v1/imports', method: 'POST', headers };
      const request = httpRequest(options, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.once('error', reject);
      request.write(large.subarray(0, 900_000));
      request.end(large.subarray(0, 900_000));
    });
    expect(status).toBe(413);
    expect(kept()).toEqual([]);
  });

  it('that breaks off leaves nothing', async () => {
    const headers = { ...ZIP, 'Content-Length': '500000' };
    const options = { host: '127.0.0.1', port: bench.port, path: '/api/v1/imports', method: 'POST', headers };
    const request = httpRequest(options);
    request.on('error', () => undefined);
    request.write(large.subarray(0, 1000));
    const until = AbortSignal.timeout(10_000);
    while (kept().length === 0) await new Promise((resolve) => setImmediate(resolve, until.throwIfAborted()));
    request.destroy();
    while (kept().length > 0) await new Promise((resolve) => setImmediate(resolve, until.throwIfAborted()));
    expect(kept()).toEqual([]);
  });

  it('that nobody could check leaves nothing', async () => {
    const lonely = await Bench.open({ REDIS_URL: 'redis://127.0.0.1:1' });
    await lonely.api.post('/api/v1/imports').set(ZIP).send(ARCHIVE).expect(503);
    expect(readdirSync(join(lonely.backupDir, '.pawvault', 'imports'))).toEqual([]);
    await lonely.close();
  });
});

it('an archive is given more time than Node gives a request', () => {
  expect(bench.app.getHttpServer()).toMatchObject({ requestTimeout: 0 });
});

describe('an import', () => {
  it.each(['a'.repeat(32), '..%2f..%2fx', 'x'])('that is not there, like %s, is not found', async (id) => {
    for (const path of [`/api/v1/imports/${id}`, `/api/v1/uploads/${id}`])
      expect((await bench.ask(path, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } })).status).toBe(404);
    expect((await bench.ask(`/api/v1/imports/${id}`, { method: 'DELETE' })).status).toBe(404);
  });

  it('that is being checked can be discarded, but not accepted', async () => {
    const { body } = await bench.api.post('/api/v1/imports').set(ZIP).send(ARCHIVE).expect(202);
    const { body: refused } = await bench.api.post(`/api/v1/imports/${body.id}/accept`).send({}).expect(409);
    expect(refused).toMatchObject({ code: 'IMPORT_NOT_DECIDABLE', details: { state: 'checking' } });
    await bench.api.delete(`/api/v1/imports/${body.id}`).expect(204);
    expect(await bench.queue.get(body.job_id)).toMatchObject({ state: 'cancelled' });
    expect(kept()).toEqual([]);
  });
});

it('many imports are listed page by page, newest first, and one that cannot be read hides none', async () => {
  const { quarantine } = bench.app.get(Imports);
  const ids: string[] = [];
  for (let i = 0; i < 7; i += 1) {
    const { id } = await quarantine.reserve({ fileName: null, trustMode: null });
    await quarantine.update(id, { created_at: new Date(Date.UTC(2026, 3, 20, 9, i >> 1)).toISOString() });
    ids.push(id);
  }
  const [broken = ''] = ids.splice(3, 1);
  writeFileSync(join(bench.backupDir, '.pawvault', 'imports', broken, 'import.json'), '{"id":');
  await bench.api.get(`/api/v1/imports/${broken}`).expect(404);
  const seen: { id: string; created_at: string }[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const answer = await bench.api.get(`/api/v1/imports?limit=4${cursor && `&cursor=${cursor}`}`).expect(200);
    const page = answer.body as { imports: typeof seen; next_cursor: string | null };
    seen.push(...page.imports);
    cursor = page.next_cursor;
  }
  expect(seen.map(({ id }) => id).sort()).toEqual([...ids].sort());
  const times = seen.map(({ created_at }) => created_at);
  expect(times).toEqual([...times].sort().reverse());
  await bench.api.get('/api/v1/imports?cursor=x').expect(400);
  await bench.api.get('/api/v1/imports?limit=201').expect(400);
});

it('of many decisions at the same time one is carried out', async () => {
  const { quarantine } = bench.app.get(Imports);
  const { id } = await quarantine.reserve({ fileName: null, trustMode: null });
  await quarantine.update(id, { state: 'needs_decision', expires_at: quarantine.expiry(), trust_needed: 'legacy' });
  const decide = (i: number) =>
    bench.api.post(`/api/v1/imports/${id}/accept`).send({ trust_mode: 'legacy', overwrite: i % 2 === 0 });
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => decide(i)));
  const codes = answers.map(({ status, body }) => [status, body.code ?? body.state]);
  expect(codes.sort()).toEqual([[202, 'accepting'], ...Array<unknown>(9).fill([409, 'IMPORT_NOT_DECIDABLE'])]);
  const { jobs } = await bench.queue.list({ limit: 20 });
  expect(jobs).toHaveLength(1);
  expect(await quarantine.get(id)).toMatchObject({ state: 'accepting', job_id: jobs[0]?.id });
});

it('whoever looks while a decision is handed to its job sees it as decided', async () => {
  const { quarantine } = bench.app.get(Imports);
  const { id } = await quarantine.reserve({ fileName: null, trustMode: null });
  await quarantine.update(id, { state: 'needs_decision', expires_at: quarantine.expiry() });
  const add = jest.spyOn(bench.queue, 'add').mockImplementationOnce(async (...job) => {
    const { body } = await bench.api.get(`/api/v1/imports/${id}`).expect(200);
    expect(body.state).toBe('accepting');
    return bench.queue.add(...job);
  });
  await bench.api.post(`/api/v1/imports/${id}/accept`).send({}).expect(202);
  expect(add).toHaveBeenCalledTimes(2);
});

it.each([null, { ino: 1, backup_id: 'b', replaces: null, overwrite: true }])(
  'an acceptance whose job is gone can be discarded, however far it came (%j)',
  async (publishing) => {
    const { quarantine } = bench.app.get(Imports);
    const { id } = await quarantine.reserve({ fileName: null, trustMode: null });
    const job = await bench.queue.add('import.accept', { import_id: id, overwrite: true, trust_mode: null });
    await quarantine.update(id, { state: 'accepting', job_id: job.id, expires_at: null, publishing });
    const { body } = await bench.api.delete(`/api/v1/imports/${id}`).expect(409);
    expect(body.code).toBe('IMPORT_NOT_DECIDABLE');
    await bench.queue.cancel(job.id);
    await bench.api.delete(`/api/v1/imports/${id}`).expect(204);
    expect(kept()).toEqual([]);
  },
);

it('an upload that is discarded while it comes is told so, and leaves nothing', async () => {
  const headers = { ...ZIP, 'Content-Length': ARCHIVE.length };
  const options = { host: '127.0.0.1', port: bench.port, path: '/api/v1/imports', method: 'POST', headers };
  const request = httpRequest({ ...options, agent: false });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  request.write(ARCHIVE.subarray(0, 100));
  const arrived = AbortSignal.timeout(10_000);
  const comes = (id: string): boolean => existsSync(join(quarantine(), id, 'archive.zip'));
  while (!kept().some(comes)) await new Promise((resolve) => setImmediate(resolve, arrived.throwIfAborted()));
  await bench.api.delete(`/api/v1/imports/${kept()[0]}`).expect(204);
  request.end(ARCHIVE.subarray(100));
  const [answer] = await answered;
  expect([answer.statusCode, (await json(answer)) as object]).toMatchObject([404, { code: 'IMPORT_NOT_FOUND' }]);
  expect(kept()).toEqual([]);
});

it('an acceptance that was cancelled before a worker took it is listed as to be decided', async () => {
  const { quarantine } = bench.app.get(Imports);
  const { id } = await quarantine.reserve({ fileName: null, trustMode: null });
  const job = await bench.queue.add('import.accept', { import_id: id, overwrite: true, trust_mode: null });
  await quarantine.update(id, { state: 'accepting', job_id: job.id, expires_at: null });
  await bench.queue.cancel(job.id);
  const { body } = await bench.api.get('/api/v1/imports').expect(200);
  expect(body.imports).toMatchObject([{ id, state: 'needs_decision', expires_at: expect.any(String) }]);
});

it('over the wire of QwenPaw, whose clients send it again, an upload whose check fails leaves nothing', async () => {
  await bench.work({ 'import.check': () => Promise.reject(new DomainError('IO_ERROR')) });
  const { status } = await bench.api.post('/api/backups/import').attach('file', ARCHIVE, 'x.zip');
  expect([status, kept()]).toEqual([500, []]);
});

it('an import stays as long as its job waits, and is gone a day after that was lost', async () => {
  const imports = bench.app.get(Imports);
  const { body } = await bench.api.post('/api/v1/imports').set(ZIP).send(ARCHIVE).expect(202);
  bench.letPass(25 * 60 * 60 * 1000);
  expect(await imports.quarantine.removeExpired()).toEqual([]);
  await imports.removeStuck();
  expect(kept()).toEqual([body.id]);
  await bench.queue.cancel(body.job_id);
  await imports.removeStuck();
  expect(kept()).toEqual([]);
});

describe('when the gateway starts, and Redis has lost its jobs', () => {
  const restart = (): Promise<void> => bench.app.get(Imports).onApplicationBootstrap();

  it('an import that waits for its check gets a job again', async () => {
    const { body } = await bench.api.post('/api/v1/imports').set(ZIP).send(ARCHIVE).expect(202);
    const { quarantine } = bench.app.get(Imports);
    const lost = newJobId('import.check');
    await quarantine.update(body.id, { job_id: lost });
    await restart();
    const { job_id } = await quarantine.get(body.id);
    expect(job_id).not.toBe(lost);
    expect(await bench.queue.get(job_id ?? '')).toMatchObject({ type: 'import.check', state: 'queued' });
  });

  it('an import is kept as long as the queue does not answer', async () => {
    const lonely = await Bench.open({ REDIS_URL: 'redis://127.0.0.1:1' });
    const imports = lonely.app.get(Imports);
    const { id } = await imports.quarantine.reserve({ fileName: null, trustMode: null });
    writeFileSync(imports.quarantine.archivePath(id), ARCHIVE);
    const record = await imports.quarantine.admit(id);
    await imports.checkWhenPossible(record);
    await imports.onApplicationBootstrap();
    expect(await imports.quarantine.get(id)).toMatchObject({ state: 'checking' });
    expect(readFileSync(imports.quarantine.archivePath(id))).toEqual(ARCHIVE);
    await lonely.close();
  });

  it('an import whose job is there is left to it', async () => {
    const { body } = await bench.api.post('/api/v1/imports').set(ZIP).send(ARCHIVE).expect(202);
    await restart();
    expect((await bench.app.get(Imports).quarantine.get(body.id)).job_id).toBe(body.job_id);
    expect((await bench.queue.list({ limit: 10 })).jobs).toHaveLength(1);
  });

  it('one that was being published goes on, and one that was not is to be decided again', async () => {
    const { quarantine } = bench.app.get(Imports);
    const begun: string[] = [];
    for (const publishing of [{ ino: 1, backup_id: 'b', replaces: null, overwrite: true }, null]) {
      const { id } = await quarantine.reserve({ fileName: null, trustMode: null });
      await quarantine.update(id, { state: 'accepting', publishing, job_id: newJobId('import.accept') });
      begun.push(id);
    }
    await restart();
    expect((await bench.queue.list({ limit: 10 })).jobs.map(({ type }) => type)).toEqual(['import.accept']);
    const states = await Promise.all(
      begun.map(async (id) => (await bench.api.get(`/api/v1/imports/${id}`)).body.state),
    );
    expect(states).toEqual(['accepting', 'needs_decision']);
  });
});
