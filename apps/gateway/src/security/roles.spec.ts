import { createHash } from 'node:crypto';
import { type AuditRecord, type Role, ROLES } from '@pawvault/contracts';
import { forgeZip } from '@pawvault/testing';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from '../spec-support/bench';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const tokenOf = (role: Role): string => `token-of-the-${role}`;
const TOKENS = ROLES.map((role) => `the-${role}:${role}:${sha256(tokenOf(role))}`).join(',');

let bench: Bench;
let full: string;
let partial: string;
beforeEach(async () => {
  bench = await Bench.open({ PAWVAULT_TOKENS: TOKENS, PAWVAULT_SERVE_SECRETS: 'true' });
  full = await bench.addBackup('native-full.zip');
  partial = await bench.addBackup('native-partial.zip');
});
afterEach(() => bench.close());

type Call = [method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object];

const call = (role: Role, [method, path, body]: Call) => {
  const request = bench.api[method](path).set('Authorization', `Bearer ${tokenOf(role)}`);
  return body === undefined ? request : request.send(body);
};

/** The roles for which the answer is anything but FORBIDDEN. */
async function admitted(what: Call): Promise<Role[]> {
  const roles: Role[] = [];
  for (const role of ROLES) {
    const { status, body } = await call(role, what);
    const refused = status === 403 && body.code === 'FORBIDDEN';
    if (!refused) roles.push(role);
    else expect(body).toMatchObject({ details: { role } });
  }
  return roles;
}

const agents = { mode: 'partial', name: 'x', scope: { include_agents: true } };

describe('a role', () => {
  const everybody = [...ROLES];
  const workers = ['operator', 'admin'];
  const admins = ['admin'];

  it.each<[string, () => Call, string[]]>([
    ['lists', () => ['get', '/api/v1/backups'], everybody],
    ['looks', () => ['get', `/api/v1/backups/${full}`], everybody],
    ['browses', () => ['get', `/api/v1/backups/${full}/files`], everybody],
    ['follows jobs', () => ['get', '/api/v1/jobs'], everybody],
    ['makes a backup', () => ['post', '/api/v1/backups', agents], workers],
    ['verifies', () => ['post', `/api/v1/backups/${full}/verify`], workers],
    ['renames', () => ['patch', `/api/v1/backups/${full}`, { name: 'new' }], workers],
    ['cancels', () => ['post', '/api/v1/jobs/e-1/cancel'], workers],
    ['exports what holds no secrets', () => ['get', `/api/v1/backups/${partial}/archive`], workers],
    ['exports secrets', () => ['get', `/api/v1/backups/${full}/archive`], admins],
    ['reads a file', () => ['get', `/api/v1/backups/${full}/files/data/config.json`], workers],
    ['reads a secret file', () => ['get', `/api/v1/backups/${full}/files/data/secrets/envs.json`], admins],
    ['plans a restore', () => ['post', `/api/v1/backups/${full}/restore-plan`, { mode: 'full' }], workers],
    ['looks at the paths of a plan', () => ['get', `/api/v1/restore-plans/${'ab'.repeat(32)}/paths`], workers],
    [
      'restores some of it',
      () => ['post', `/api/v1/backups/${full}/restores`, restore({ mode: 'custom', include_skill_pool: true })],
      workers,
    ],
    [
      'restores secrets',
      () => ['post', `/api/v1/backups/${full}/restores`, restore({ mode: 'custom', include_secrets: true })],
      admins,
    ],
    ['restores all of it', () => ['post', `/api/v1/backups/${full}/restores`, restore({ mode: 'full' })], admins],
    ['reads the audit log', () => ['get', '/api/v1/audit'], admins],
    ['proves the audit log', () => ['get', '/api/v1/audit/proof'], admins],
    ['deletes', () => ['delete', `/api/v1/backups/${partial}`], workers],
    ['deletes several', () => ['post', '/api/v1/backups/batch-delete', { ids: [partial] }], workers],
  ])('that %s', async (_what, what, roles) => {
    await bench.work();
    expect(await admitted(what())).toEqual(roles);
  });

  it('is told to whoever asks, with the name of the token', async () => {
    for (const role of ROLES) {
      const { status, body } = await call(role, ['get', '/api/v1/session']);
      expect([status, body]).toEqual([200, { name: `the-${role}`, role }]);
    }
  });

  const restore = (what: object): object => ({ ...what, pre_restore_backup: false, confirm: true });

  it('is not deceived by an archive that keeps its secrets quiet', async () => {
    const scope = {
      include_agents: false,
      include_global_config: false,
      include_secrets: false,
      include_skill_pool: true,
    };
    const meta = {
      id: 'quiet',
      name: 'quiet',
      description: '',
      created_at: '2026-01-02T03:04:05Z',
      version: '1',
      scope,
    };
    const content = JSON.stringify({ ...meta, agent_count: 0, qwenpaw_version: '1', system_info: {} });
    const entries = [
      { name: 'meta.json', content },
      { name: 'data/secrets/envs.json', content: '{"KEY":"v"}' },
    ];
    writeFileSync(join(bench.backupDir, 'quiet.zip'), forgeZip(entries));
    expect(await admitted(['get', '/api/v1/backups/quiet/archive'])).toEqual(['admin']);
  });

  it('of a token that nobody issued is none', async () => {
    for (const token of [sha256(tokenOf('admin')), 'token-of-the-root', TOKENS]) {
      const { status } = await bench.ask('/api/v1/backups', { headers: { Authorization: `Bearer ${token}` } });
      expect(status).toBe(401);
    }
  });
});

describe('the audit log', () => {
  const log = async (): Promise<AuditRecord[]> => {
    const { body } = await call('admin', ['get', '/api/v1/audit']).expect(200);
    return (body as { records: AuditRecord[] }).records.reverse();
  };

  it('says who did what to which backup, before and after', async () => {
    const { body: job } = await call('operator', ['post', `/api/v1/backups/${full}/verify`]).expect(202);
    await call('operator', ['get', `/api/v1/backups/${full}/archive`]).expect(403);
    await call('viewer', ['delete', `/api/v1/backups/${full}`]).expect(403);
    const facts = (await log()).map(({ action, outcome, actor, role, backup_id, job_id, code }) => ({
      action,
      outcome,
      actor,
      role,
      backup_id,
      job_id,
      code, // prettier-ignore
    }));
    const operator = { actor: 'the-operator', role: 'operator', backup_id: full, job_id: null, code: null };
    expect(facts).toEqual([
      { ...operator, action: 'backup.verify', outcome: 'requested' },
      { ...operator, action: 'backup.verify', outcome: 'done', job_id: job.id },
      { ...operator, action: 'backup.export', outcome: 'requested' },
      { ...operator, action: 'backup.export', outcome: 'refused', code: 'FORBIDDEN' },
      { action: 'access.refuse', outcome: 'refused', actor: 'the-viewer', role: 'viewer', backup_id: null, job_id: null, code: 'FORBIDDEN' }, // prettier-ignore
    ]);
  });

  it('is whole, and pages back to its beginning', async () => {
    for (let i = 0; i < 3; i += 1) await call('operator', ['post', `/api/v1/backups/${full}/verify`]).expect(202);
    const { body: newest } = await call('admin', ['get', '/api/v1/audit?limit=4']).expect(200);
    const { body: oldest } = await call('admin', ['get', `/api/v1/audit?limit=4&before=${newest.next}`]).expect(200);
    const numbers = [...newest.records, ...oldest.records].map(({ seq }: AuditRecord) => seq);
    expect(numbers).toEqual([6, 5, 4, 3, 2, 1]);
    expect(oldest.next).toBeNull();
    const { body: proof } = await call('admin', ['get', '/api/v1/audit/proof']).expect(200);
    expect(proof).toEqual({ state: 'intact', records: 6, head: newest.records[0].hash, broken_at: null });
  });

  it('holds no token and no secret', async () => {
    await call('admin', ['get', `/api/v1/backups/${full}/files/data/secrets/envs.json`]).expect(200);
    expect(JSON.stringify(await log())).not.toMatch(/token-of|Bearer/);
  });
});
