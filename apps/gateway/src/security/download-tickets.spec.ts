import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DownloadKey } from '@pawvault/store';
import { type AuditRecord, type Role, ROLES } from '@pawvault/contracts';
import { qwenpawFixture, tempDir } from '@pawvault/testing';
import type { Request } from '../http';
import { Bench } from '../spec-support/bench';
import { DownloadTickets } from './download-tickets';

const ARCHIVE = '/api/v1/backups/b-1/archive';

const requestOf = (originalUrl: string, method = 'GET'): Request => ({ originalUrl, method }) as Request;

describe('a ticket', () => {
  let now = Date.parse('2026-04-20T09:30:00Z');
  const tickets = new DownloadTickets(new DownloadKey(tempDir()), () => new Date(now));
  const redeem = (url: string, method?: string): Promise<string | null> => tickets.redeem(requestOf(url, method));

  it('stands for its owner on its path, for reading, for ten minutes', async () => {
    const { url, expires_at } = await tickets.issue(ARCHIVE, 'nightly/写');
    expect(url.startsWith(`${ARCHIVE}?ticket=`)).toBe(true);
    expect(expires_at).toBe('2026-04-20T09:40:00.000Z');
    expect([await redeem(url), await redeem(url, 'HEAD')]).toEqual(['nightly/写', 'nightly/写']);
    for (const method of ['POST', 'DELETE', 'PATCH', 'PUT']) expect(await redeem(url, method)).toBeNull();
    now += 10 * 60_000 - 1;
    expect(await redeem(url)).toBe('nightly/写');
    now += 1;
    expect(await redeem(url)).toBeNull();
  });

  it('opens nothing else, whoever alters it', async () => {
    const { url } = await tickets.issue(ARCHIVE, 'me');
    const [, ticket = ''] = url.split('?ticket=');
    const [owner = '', expires = '', mac = ''] = ticket.split('.');
    const later = (parseInt(expires, 36) + 1000).toString(36);
    const other = Buffer.from('admin').toString('base64url');
    const flipped = (mac.startsWith('A') ? 'B' : 'A') + mac.slice(1);
    for (const forged of [
      `${other}.${expires}.${mac}`,
      `${owner}.${later}.${mac}`,
      `${owner}.${expires}.${flipped}`,
      `${owner}.${expires}.`,
      `${owner}.${expires}`,
      `${owner}.${expires}.${mac}.x`,
      '',
      '..',
    ]) {
      expect([forged, await redeem(`${ARCHIVE}?ticket=${forged}`)]).toEqual([forged, null]);
    }
    for (const path of [
      '/api/v1/backups/b-2/archive',
      '/api/v1/backups/b-1/files/data/config.json',
      '/api/v1/backups',
      '/API/v1/backups/b-1/archive',
      `${ARCHIVE}/`,
      `${ARCHIVE}%2f`,
    ]) {
      expect([path, await redeem(`${path}?ticket=${ticket}`)]).toEqual([path, null]);
    }
    expect(await redeem(ARCHIVE)).toBeNull();
  });

  it('is nothing without the key that made it', async () => {
    const { url } = await tickets.issue(ARCHIVE, 'me');
    const others = new DownloadTickets(new DownloadKey(tempDir()), () => new Date(now));
    expect(await others.redeem(requestOf(url))).toBeNull();
    await others.issue(ARCHIVE, 'somebody');
    expect(await others.redeem(requestOf(url))).toBeNull();
  });
});

describe('with tokens', () => {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const tokenOf = (role: Role): string => `token-of-the-${role}`;
  const PAWVAULT_TOKENS = ROLES.map((role) => `the-${role}:${role}:${sha256(tokenOf(role))}`).join(',');
  const codeOf = (body: Buffer): unknown => (JSON.parse(body.toString()) as { code: string }).code;

  let bench: Bench;
  let full: string;
  beforeAll(async () => {
    bench = await Bench.open({ PAWVAULT_TOKENS });
    full = await bench.addBackup('native-full.zip');
  });
  afterAll(() => bench.close());

  const ask = (role: Role, path: string) =>
    bench.api
      .post('/api/v1/download-tickets')
      .set('Authorization', `Bearer ${tokenOf(role)}`)
      .send({ path });

  it('an address is all that a browser needs, also to go on with a part', async () => {
    const { body } = await ask('admin', `/api/v1/backups/${full}/archive`).expect(200);
    const whole = await bench.ask(body.url);
    expect(whole.body.equals(readFileSync(qwenpawFixture('native-full.zip')))).toBe(true);
    const rest = await bench.ask(body.url, { headers: { Range: 'bytes=100-' } });
    expect([rest.status, rest.body.equals(whole.body.subarray(100))]).toEqual([206, true]);
    const file = await ask('admin', `/api/v1/backups/${full}/files/data/config.json`).expect(200);
    expect((await bench.ask(file.body.url)).status).toBe(200);
  });

  it('nobody gains a right by it', async () => {
    const path = `/api/v1/backups/${full}/archive`;
    const asViewer = await ask('viewer', path).expect(403);
    expect(asViewer.body.code).toBe('FORBIDDEN');
    const asOperator = await ask('operator', path).expect(403);
    expect(asOperator.body).toMatchObject({ code: 'FORBIDDEN', details: { needed: 'admin' } });
    const { url } = await new DownloadTickets(new DownloadKey(bench.backupDir), () => new Date()).issue(
      path,
      'the-operator',
    );
    const refused = await bench.ask(url);
    expect([refused.status, codeOf(refused.body)]).toEqual([403, 'FORBIDDEN']);
    const unknown = await bench.ask(`${path}?ticket=a.b.c`);
    expect([unknown.status, codeOf(unknown.body)]).toEqual([401, 'UNAUTHORIZED']);
    await bench.api.post('/api/v1/download-tickets').send({ path }).expect(401);
  });

  it.each([
    '/api/v1/backups',
    '/api/v1/audit',
    '/api/v1/backups/ID/archive?x=1',
    '/api/v1/backups/ID/files/',
    '/api/v1/backups/ID/archive#x',
    '/api/v1/backups/a/b/archive',
    '/api/v1/backups/%ff/archive',
    'https://evil.example/api/v1/backups/ID/archive',
    '//evil.example/api/v1/backups/ID/archive',
    '',
  ])('there is none for "%s"', async (path) => {
    const { body } = await ask('admin', path.replace('ID', full)).expect(400);
    expect(body.code).toBe('VALIDATION_FAILED');
  });

  it('there is none for what is not there, or what is served to nobody', async () => {
    const codes = [];
    for (const path of ['/api/v1/backups/no-such/archive', `/api/v1/backups/${full}/files/data%2fsecrets/envs.json`])
      codes.push((await ask('admin', path)).body.code);
    expect(codes).toEqual(['BACKUP_NOT_FOUND', 'SECRETS_NOT_SERVED']);
  });

  it('a token that is sent along decides, right or wrong', async () => {
    const { body } = await ask('admin', `/api/v1/backups/${full}/archive`).expect(200);
    const wrong = await bench.ask(body.url, { headers: { Authorization: 'Bearer wrong' } });
    expect(wrong.status).toBe(401);
    const viewer = await bench.ask(body.url, { headers: { Authorization: `Bearer ${tokenOf('viewer')}` } });
    expect(viewer.status).toBe(403);
  });

  it('is no longer worth anything once its owner has no token, or the key is gone', async () => {
    const { body } = await ask('admin', `/api/v1/backups/${full}/archive`).expect(200);
    const key = join(bench.backupDir, '.pawvault/download-key');
    const content = readFileSync(key);
    expect(existsSync(key)).toBe(true);
    const ghost = new DownloadTickets(new DownloadKey(bench.backupDir), () => new Date());
    const { url } = await ghost.issue(`/api/v1/backups/${full}/archive`, 'somebody-who-left');
    expect((await bench.ask(url)).status).toBe(401);
    rmSync(key);
    expect((await bench.ask(body.url)).status).toBe(401);
    expect(content).toHaveLength(32);
  });

  it('is written down under the name of its owner, and stands in no log', async () => {
    const { body } = await ask('admin', `/api/v1/backups/${full}/archive`).expect(200);
    await bench.ask(body.url);
    const { body: log } = await bench.api.get('/api/v1/audit').set('Authorization', `Bearer ${tokenOf('admin')}`);
    const exported = (log.records as AuditRecord[]).find(({ action }) => action === 'backup.export');
    expect(exported).toMatchObject({ actor: 'the-admin', role: 'admin', backup_id: full });
    const [, ticket = ''] = (body.url as string).split('ticket=');
    expect(JSON.stringify(bench.logs)).not.toContain(ticket);
    expect(JSON.stringify(log)).not.toContain(ticket);
  });
});
