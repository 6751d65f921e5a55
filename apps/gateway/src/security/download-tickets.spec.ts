import { createHash } from 'node:crypto';
import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type AuditRecord, type Role, ROLES } from '@pawvault/contracts';
import { qwenpawFixture } from '@pawvault/testing';
import { Bench, type Reply } from '../spec-support/bench';
import type { IssuedTicket } from './download-tickets';

const WHOLE = readFileSync(qwenpawFixture('native-full.zip'));
const MINUTE = 60_000;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const tokenOf = (role: Role): string => `token-of-the-${role}`;
const bearer = (role: Role): Record<string, string> => ({ Authorization: `Bearer ${tokenOf(role)}` });
const entry = (name: string, role: Role): string => `${name}:${role}:${sha256(tokenOf(role))}`;
const TOKENS = ROLES.map((role) => entry(`the-${role}`, role)).join(',');

let bench: Bench;
let archive: string;
let partial: string;
beforeEach(async () => {
  bench = await Bench.open({ PAWVAULT_TOKENS: TOKENS });
  archive = `/api/v1/backups/${await bench.addBackup('native-full.zip')}/archive`;
  partial = `/api/v1/backups/${await bench.addBackup('native-partial.zip')}/archive`;
});
afterEach(() => bench.close());

const prepare = (path: unknown, role: Role = 'admin', { api } = bench) =>
  api.post('/api/v1/download-tickets').set(bearer(role)).send({ path });

async function ticketed(path: string, role: Role = 'admin'): Promise<string> {
  const { body }: { body: IssuedTicket } = await prepare(path, role).expect(200);
  return body.url;
}

const codeOf = ({ status, body }: Reply): unknown[] => [status, JSON.parse(body.toString()).code];
const REFUSED = [401, 'UNAUTHORIZED'];

describe('a ticket', () => {
  it('is an address that downloads without a token, within a minute', async () => {
    const asked = Date.now();
    const { body }: { body: IssuedTicket } = await prepare(archive).expect(200);
    expect(body.url).toMatch(new RegExp(`^${archive}\\?ticket=\\d{10}\\.[\\w-]{43}$`));
    const left = Date.parse(body.expires_at ?? '') - asked;
    expect([left > MINUTE - 2000, left <= MINUTE + 1000]).toEqual([true, true]);
    const { status, body: bytes, headers } = await bench.ask(body.url);
    expect([status, bytes.equals(WHOLE)]).toEqual([200, true]);
    expect(headers['content-disposition']).toContain('attachment');
    bench.letPass(MINUTE + 2000);
    expect(codeOf(await bench.ask(body.url))).toEqual(REFUSED);
  });

  it('is good for one file as well, whatever its name', async () => {
    const files = archive.replace(/archive$/, 'files');
    const { body } = await bench.api.get(files).set(bearer('admin')).expect(200);
    const odd = (body.files as { path: string; type: string; size: number }[]).find(
      ({ path, type }) => type === 'file' && /[^ -~]/.test(path),
    );
    const path = `${files}/${odd?.path.split('/').map(encodeURIComponent).join('/')}`;
    const url = await ticketed(path, 'operator');
    expect((await bench.ask(url)).body).toHaveLength(odd?.size ?? -1);
    expect((await bench.ask(url, { method: 'HEAD' })).headers['content-length']).toBe(String(odd?.size));
    bench.letPass(2 * MINUTE);
    const rest = { Range: 'bytes=1-', 'If-Range': '"x"' };
    expect(codeOf(await bench.ask(url, { headers: rest }))).toEqual(REFUSED);
  });

  it('is good for its path alone', async () => {
    const query = (await ticketed(archive)).slice(archive.length);
    const others = [partial, archive.replace('archive', 'files'), `${archive}/`, archive.replace('api', 'API')];
    const spelt = [archive.replace('qwenpaw', '%71wenpaw'), `${archive}?a=b`];
    for (const path of [...others, ...spelt, archive.replace('/archive', '/%61rchive'), '/api/v1/audit', '/metrics'])
      expect([path, ...codeOf(await bench.ask(path + query))]).toEqual([path, ...REFUSED]);
  });

  it('is good for reading alone', async () => {
    const url = await ticketed(archive);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      expect([method, ...codeOf(await bench.ask(url, { method }))]).toEqual([method, ...REFUSED]);
    expect((await bench.ask(url, { method: 'HEAD' })).status).toBe(200);
  });

  it('cannot be changed', async () => {
    const [, path = '', seconds = '', mac = ''] = /^(.+)\?ticket=(\d+)\.(.+)$/.exec(await ticketed(archive)) ?? [];
    const flip = (at: number): string => mac.slice(0, at) + (mac[at] === 'A' ? 'B' : 'A') + mac.slice(at + 1);
    const macs = [...Array.from({ length: mac.length }, (_, at) => flip(at)), '', mac.slice(1), `${mac}A`, `${mac}=`];
    const later = String(Number(seconds) + 1);
    const forged = [...macs.map((each) => `${seconds}.${each}`), `${later}.${mac}`, `0${seconds}.${mac}`, mac, ''];
    const statuses = new Set<number>();
    for (const ticket of forged) statuses.add((await bench.ask(`${path}?ticket=${ticket}`)).status);
    expect([...statuses]).toEqual([401]);
    expect((await bench.ask(`${path}?ticket=${seconds}.${mac}`)).status).toBe(200);
  });

  it('counts for nothing beside a token, right or wrong', async () => {
    const url = await ticketed(archive);
    expect(codeOf(await bench.ask(url, { headers: bearer('operator') }))).toEqual([403, 'FORBIDDEN']);
    expect(codeOf(await bench.ask(url, { headers: { Authorization: 'Bearer wrong' } }))).toEqual(REFUSED);
    expect(codeOf(await bench.ask(url, { headers: { Authorization: '' } }))).toEqual(REFUSED);
  });

  it('lets nobody do more than the token does', async () => {
    expect((await prepare(archive, 'operator')).body).toMatchObject({ code: 'FORBIDDEN', status: 403 });
    expect((await prepare(partial, 'viewer')).body).toMatchObject({ code: 'FORBIDDEN', status: 403 });
    expect((await bench.ask(await ticketed(partial, 'operator'))).status).toBe(200);
    const { status } = await bench.api.post('/api/v1/download-tickets').send({ path: archive });
    expect(status).toBe(401);
    const url = await ticketed(partial, 'operator');
    const again = await bench.api.post(url.replace(partial, '/api/v1/download-tickets')).send({ path: archive });
    expect(again.status).toBe(401);
  });
});

describe('what a ticket asks for', () => {
  it.each([
    '',
    '/',
    'archive',
    '/api/v1/backups',
    '/api/v1/backups/x',
    '/api/v1/backups/x/files',
    '/api/v1/backups/x/files/',
    '/api/v1/audit',
    '/api/backups/x/export',
    '/API/v1/backups/x/archive',
    '/api/v1/backups//archive',
    '/api/v1/backups/x/archive/',
    '/api/v1/backups/x/archive?a=b',
    '/api/v1/backups/x/archive#a',
    '/api/v1/backups/x/../y/archive',
    '/api/v1/backups/x/files/../archive',
    '/api/v1/backups/x/files/%2e%2e/archive',
    '/api/v1/backups/x/files/a b',
    '/api/v1/backups/x/files/猫',
    '/api/v1/backups/x/files/a\\b',
    '/api/v1/backups/x/files/%E0%A4%A',
    '//evil.example/api/v1/backups/x/archive',
    'https://evil.example/api/v1/backups/x/archive',
    '/api/v1/backups/x/archive\n',
    7,
    null,
    ['/api/v1/backups/x/archive'],
  ])('is a download: not %p', async (path) => {
    const { status, body } = await prepare(path);
    expect([status, body.code, body.details.fields]).toEqual([400, 'VALIDATION_FAILED', ['path']]);
  });

  it('fits into a request', async () => {
    expect((await prepare(`/api/v1/backups/x/files/${'a'.repeat(9000)}`)).status).toBe(400);
  });

  it('has to be there', async () => {
    const of = async (path: string): Promise<unknown> => (await prepare(path)).body.code;
    const files = archive.replace(/archive$/, 'files');
    expect(await of('/api/v1/backups/gone/archive')).toBe('BACKUP_NOT_FOUND');
    expect(await of('/api/v1/backups/%2e%68/archive')).toBe('BACKUP_ID_INVALID');
    expect(await of(`${files}/data/nothing`)).toBe('BACKUP_FILE_NOT_FOUND');
    expect(await of(`${files}/data/secrets/envs.json`)).toBe('SECRETS_NOT_SERVED');
    expect(await of(`${files}/data%2Fsecrets%2Fenvs.json`)).toBe('SECRETS_NOT_SERVED');
    expect((await prepare(`${files}/data/%73ecrets/envs.json`, 'operator')).body.code).toBe('FORBIDDEN');
  });
});

describe('a download that broke off', () => {
  const HOURS = 60 * MINUTE;
  const goOn = (url: string, headers: Record<string, string>): Promise<Reply> => bench.ask(url, { headers });

  it.each(['If-Range', 'If-Match'])('goes on for a day, for who names its bytes by %s', async (header) => {
    const url = await ticketed(archive);
    const { etag = '' } = (await bench.ask(url)).headers;
    bench.letPass(23 * HOURS);
    const { status, body } = await goOn(url, { Range: 'bytes=1000-', [header]: etag });
    expect([status, body.equals(WHOLE.subarray(1000))]).toEqual([206, true]);
    bench.letPass(HOURS + 2000);
    expect(codeOf(await goOn(url, { Range: 'bytes=1000-', [header]: etag }))).toEqual(REFUSED);
  });

  it('does not begin anew, nor for who never began it', async () => {
    const url = await ticketed(archive);
    const { etag = '', 'last-modified': modified = '' } = (await bench.ask(url)).headers;
    bench.letPass(2 * MINUTE);
    const refused = [
      {},
      { 'If-Range': etag },
      { Range: 'bytes=0-', 'If-Range': etag },
      { Range: 'bytes=-5', 'If-Range': etag },
      { Range: 'bytes=1-' },
      { Range: 'bytes=1-', 'If-Range': '"guess"' },
      { Range: 'bytes=1-', 'If-Range': modified },
      { Range: 'bytes=1-', 'If-Match': '*' },
    ];
    for (const headers of refused)
      expect([headers, ...codeOf(await goOn(url, headers))]).toEqual([headers, ...REFUSED]);
    utimesSync(join(bench.backupDir, 'native-full.zip'), 1, 1);
    expect(codeOf(await goOn(url, { Range: 'bytes=1-', 'If-Range': etag }))).toEqual(REFUSED);
  });
});

describe('another gateway', () => {
  let other: Bench | null = null;
  afterEach(async () => {
    await other?.close();
    other = null;
  });
  const beside = async (tokens: string): Promise<Bench> =>
    (other = await Bench.open({ PAWVAULT_TOKENS: tokens, HOME: dirname(bench.backupDir) }));

  it('on the same directory knows the ticket', async () => {
    const { status, body } = await (await beside(TOKENS)).ask(await ticketed(archive));
    expect([status, body.equals(WHOLE)]).toEqual([200, true]);
  });

  it.each<[string, string, unknown[]]>([
    ['a lower role', entry('the-admin', 'admin').replace(':admin:', ':operator:'), [403, 'FORBIDDEN']],
    ['another token of this name', entry('the-admin', 'operator').replace(':operator:', ':admin:'), REFUSED],
    ['another name', entry('somebody', 'admin'), REFUSED],
    ['no such token', entry('the-viewer', 'viewer'), REFUSED],
  ])('that knows %s goes by that', async (_what, tokens, expected) => {
    expect(codeOf(await (await beside(tokens)).ask(await ticketed(archive)))).toEqual(expected);
  });

  it('on another directory does not, though it has the same tokens', async () => {
    other = await Bench.open({ PAWVAULT_TOKENS: TOKENS });
    other.add('native-full.zip');
    expect(codeOf(await other.ask(await ticketed(archive)))).toEqual(REFUSED);
  });
});

it('is told to nobody: not to the log, the audit, the figures, nor in a refusal', async () => {
  const url = await ticketed(archive);
  const ticket = url.slice(url.indexOf('=') + 1);
  await bench.ask(url);
  rmSync(join(bench.backupDir, 'native-full.zip'));
  const refusal = await bench.ask(url);
  expect(codeOf(refusal)).toEqual([404, 'BACKUP_NOT_FOUND']);
  bench.letPass(2 * MINUTE);
  const late = await bench.ask(url);
  const audit = await bench.api.get('/api/v1/audit').set(bearer('admin')).expect(200);
  const figures = await bench.api.get('/metrics').set(bearer('admin')).expect(200);
  expect(JSON.stringify(bench.logs)).toContain(archive);
  for (const text of [JSON.stringify(bench.logs), audit.text, figures.text, String(refusal.body), String(late.body)])
    expect([text.includes(ticket), text.includes('ticket=')]).toEqual([false, false]);
});

it('leaves the same marks as the token: what it reads, and what it was refused', async () => {
  await bench.ask(await ticketed(archive));
  await prepare(archive, 'operator').expect(403);
  const { body } = await bench.api.get('/api/v1/audit').set(bearer('admin')).expect(200);
  const marks = (body as { records: AuditRecord[] }).records.map(
    ({ action, actor, role, outcome, code, backup_id }) => [
      [action, outcome, code],
      [actor, role, backup_id],
    ],
  );
  const id = archive.split('/')[4];
  expect(marks.reverse()).toEqual([
    [['backup.export', 'requested', null], ['the-admin', 'admin', id]],
    [['backup.export', 'done', null], ['the-admin', 'admin', id]],
    [['backup.export', 'refused', 'FORBIDDEN'], ['the-operator', 'operator', id]],
  ]); // prettier-ignore
});

it('is worth nothing once the key is gone, and a new key makes new ones', async () => {
  const url = await ticketed(archive);
  rmSync(join(bench.backupDir, '.pawvault/download-key'));
  expect(codeOf(await bench.ask(url))).toEqual(REFUSED);
  expect((await bench.ask(await ticketed(archive))).status).toBe(200);
  expect(codeOf(await bench.ask(url))).toEqual(REFUSED);
});

it('is not made with a key that is damaged, and nothing is replaced then', async () => {
  await ticketed(archive);
  writeFileSync(join(bench.backupDir, '.pawvault/download-key'), 'damaged');
  expect((await prepare(archive)).status).toBe(500);
  expect((await bench.ask(archive, { headers: bearer('admin') })).status).toBe(200);
});

it('is not needed where no token is', async () => {
  const open = await Bench.open();
  const path = `/api/v1/backups/${await open.addBackup('native-full.zip')}/archive`;
  const { body } = await open.api.post('/api/v1/download-tickets').send({ path }).expect(200);
  expect(body).toEqual({ url: path, expires_at: null });
  await open.close();
});
