import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROLES } from '@pawvault/contracts';
import { readTree } from '@pawvault/testing';
import { Bench } from '../spec-support/bench';

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const TOKENS = ROLES.map((role) => `the-${role}:${role}:${sha256(`token-of-the-${role}`)}`).join(',');
/** They say that the process lives, or what the API looks like; the bare address leads to that. */
const OPEN = /^\/(health\/live|api\/v1\/health\/live|api\/docs.*|api\/openapi\.json)$/;
/** What a GET of these holds is content of backups. */
const EXPORTS = /\/(archive|export|files\/\*path)$/;
const TRICKS = [
  '..%2f..%2fcanary',
  '..%5c..%5ccanary',
  '%2e%2e%2fcanary',
  '%2e%2e',
  '%252e%252e%252fcanary',
  '%2fetc%2fpasswd',
  '.signing_key',
  '.pawvault',
  '.pawvault%2faudit',
  'a%00.zip',
  'a%0d%0aSet-Cookie:%20a=b',
  '%ff%fe',
  '%E0%A4%A',
  '__proto__',
  'constructor',
  'a'.repeat(3000),
];

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open({ PAWVAULT_TOKENS: TOKENS, PAWVAULT_RATE_LIMIT: '0' });
  await bench.addBackup('native-full.zip');
});
afterAll(() => bench.close());

/** Those that a request is made with; `All` of a controller are many more. */
const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'];

/** As Express has them, documented or not. */
function routes(): { method: string; path: string }[] {
  const { router } = bench.app.getHttpAdapter().getInstance() as unknown as { router: { stack: Layer[] } };
  return router.stack.flatMap(({ route }) => {
    const { path = '', methods = {} } = route ?? {};
    const answered = METHODS.filter((method) => methods[method] ?? methods['_all']);
    return answered.map((method) => ({ method: method.toUpperCase(), path }));
  });
}

const filled = (path: string, value: string): string => path.replace(/[:*]\w+/g, value);
const as = (role: string): { Authorization: string } => ({ Authorization: `Bearer token-of-the-${role}` });

it('sees the routes of all three kinds', () => {
  const paths = routes().map(({ method, path }) => `${method} ${path}`);
  expect(paths).toEqual(
    expect.arrayContaining([
      'GET /api/v1/backups/:id/archive',
      'GET /api/backups/:id/export',
      'PATCH /api/v1/uploads/:id',
      'GET /metrics',
    ]),
  );
});

it('every route answers 401 to who brings no token, and to who brings a wrong one', async () => {
  const closed = routes().filter(({ path }) => !OPEN.test(path));
  expect(closed.length).toBeGreaterThan(40);
  for (const { method, path } of closed)
    for (const headers of [undefined, { Authorization: 'Bearer token-of-the-nobody' }]) {
      const { status } = await bench.ask(filled(path, 'x'), { method, ...(headers && { headers }) });
      expect([method, path, status]).toEqual([method, path, 401]);
    }
});

it('a viewer changes nothing and takes no content away, by whatever route', async () => {
  const before = readTree(bench.backupDir);
  const forbidden = routes().filter(
    ({ method, path }) => !OPEN.test(path) && (!['GET', 'HEAD', 'OPTIONS'].includes(method) || EXPORTS.test(path)),
  );
  expect(forbidden.filter(({ method }) => method === 'GET')).toHaveLength(3);
  for (const { method, path } of forbidden) {
    const { status } = await bench.ask(filled(path, 'x'), { method, headers: as('viewer') });
    expect([method, path, status]).toEqual([method, path, 403]);
  }
  const archives = ([name]: [string, unknown]): boolean => name.endsWith('.zip');
  expect(Object.entries(readTree(bench.backupDir)).filter(archives)).toEqual(Object.entries(before).filter(archives));
});

it('an operator takes no secrets away, by whatever route', async () => {
  const [id] = (await bench.store.list()).backups.map((backup) => backup.id);
  for (const path of [
    `/api/v1/backups/${id}/archive`,
    `/api/backups/${id}/export`,
    `/api/v1/backups/${id}/files/data/secrets/envs.json`,
  ]) {
    const { status } = await bench.ask(path, { headers: as('operator') });
    expect([path, status]).toEqual([path, 403]);
  }
});

it('no parameter of a path leads out of the backups', async () => {
  writeFileSync(join(bench.backupDir, '..', 'canary'), 'the canary sings');
  writeFileSync(join(bench.backupDir, '..', 'canary.zip'), 'the canary sings');
  writeFileSync(join(bench.backupDir, '.signing_key'), 'the canary sings');
  const withParameters = routes().filter(({ path }) => /[:*]/.test(path) && !OPEN.test(path));
  expect(withParameters.length).toBeGreaterThan(15);
  for (const { method, path } of withParameters)
    for (const trick of TRICKS) {
      const { status, headers, body } = await bench.ask(filled(path, trick), { method, headers: as('admin') });
      const facts = { method, path, trick };
      expect({ ...facts, refused: status >= 400 && status < 500 }).toEqual({ ...facts, refused: true });
      expect({ ...facts, cookie: headers['set-cookie'] }).toEqual({ ...facts, cookie: undefined });
      expect(body.toString()).not.toMatch(/canary sings|root:/);
    }
  const names = Object.keys(readTree(join(bench.backupDir, '..'))).filter((name) => name.includes('canary'));
  expect(names).toEqual(['canary', 'canary.zip']);
}, 60_000);

it.each([
  ['/api/v1/backups/batch-delete', 'POST'],
  ['/api/backups/delete', 'POST'],
])('no id in the body of %s leads out of the backups', async (path, method) => {
  writeFileSync(join(bench.backupDir, '..', 'canary.zip'), 'the canary sings');
  for (const trick of ['../canary', '..', '.signing_key', '/etc/passwd', 'a\0', '__proto__', 'a\r\nb']) {
    const headers = { ...as('admin'), 'Content-Type': 'application/json' };
    const { status, body } = await bench.ask(path, { method, headers, body: JSON.stringify({ ids: [trick] }) });
    expect([trick, status < 500]).toEqual([trick, true]);
    expect(body.toString()).not.toContain('"deleted":["');
  }
  expect(Object.keys(readTree(join(bench.backupDir, '..')))).toContain('canary.zip');
});
