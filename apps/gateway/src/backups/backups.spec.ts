import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from '../spec-support/bench';
import type { BackupListDto } from './backup.dto';

const URL = '/api/v1/backups';

describe('backups', () => {
  let bench: Bench;
  beforeEach(async () => (bench = await Bench.open()));
  afterEach(() => bench.close());

  async function walk(query: object): Promise<string[]> {
    const ids: string[] = [];
    for (let next: object | null = {}; next !== null;) {
      const { body }: { body: BackupListDto } = await bench.api
        .get(URL)
        .query({ ...query, ...next })
        .expect(200);
      ids.push(...body.backups.map(({ id }) => id));
      next = body.next_cursor === null ? null : { cursor: body.next_cursor };
    }
    return ids;
  }

  describe('the list', () => {
    it('is empty at first', async () => {
      const { body } = await bench.api.get(URL).expect(200);
      expect(body).toEqual({ backups: [], next_cursor: null, total: 0, invalid: [], duplicates: [] });
    });

    it('names what is there, newest first, and what cannot be read apart', async () => {
      for (const name of ['native-full.zip', 'native-partial.zip', 'foreign-full.zip', 'legacy-unsigned.zip'] as const)
        bench.add(name);
      bench.add('native-full.zip', 'copy.zip');
      writeFileSync(join(bench.backupDir, 'broken.zip'), 'no zip');
      const { body }: { body: BackupListDto } = await bench.api.get(URL).expect(200);
      const times = body.backups.map(({ created_at }) => created_at);
      expect(times).toEqual([...times].sort().reverse());
      expect(body).toMatchObject({ total: 4, invalid: [{ file_name: 'broken.zip', code: 'ARCHIVE_NOT_ZIP' }] });
      expect(body.duplicates).toHaveLength(1);
      expect(JSON.stringify(body)).not.toMatch(/hmac-sha256/);
    });

    it('comes in pages that cover everything once, in every order', async () => {
      for (const name of ['native-full.zip', 'native-partial.zip', 'foreign-full.zip', 'legacy-unsigned.zip'] as const)
        bench.add(name);
      for (const sort of ['-created_at', 'created_at', 'name', '-name', 'size', '-size']) {
        const { body }: { body: BackupListDto } = await bench.api.get(URL).query({ sort }).expect(200);
        const ids = await walk({ sort, limit: 3 });
        expect(ids).toEqual(body.backups.map(({ id }) => id));
        expect(new Set(ids).size).toBe(4);
      }
    });

    it('can be filtered and searched', async () => {
      bench.add('native-full.zip');
      const partial = await bench.addBackup('native-partial.zip');
      const { body } = await bench.api.get(URL).query({ kind: 'partial' });
      expect(body).toMatchObject({ total: 1, backups: [{ id: partial }] });
      expect((await bench.api.get(URL).query({ q: partial.toUpperCase() })).body.total).toBe(1);
      expect((await bench.api.get(URL).query({ q: 'nothing of the kind' })).body.total).toBe(0);
    });

    it('refuses a query that it does not understand', async () => {
      for (const query of [
        'limit=0',
        'limit=201',
        'limit=x',
        'limit=1&limit=2',
        'sort=trust',
        'kind=all',
        'colour=red',
        'cursor=x',
        'cursor=WyJhIl0',
      ]) {
        const { body } = await bench.api.get(`${URL}?${query}`).expect(400);
        expect(body).toMatchObject({ code: 'VALIDATION_FAILED', details: { fields: [query.split('=')[0]] } });
      }
      const { body } = await bench.api
        .get(URL)
        .query({ cursor: Buffer.from('["name","a","b"]').toString('base64url') });
      expect(body.code).toBe('VALIDATION_FAILED');
    });
  });

  it('tells what a backup holds', async () => {
    const id = await bench.addBackup('native-full.zip');
    const { body } = await bench.api.get(`${URL}/${id}`).expect(200);
    expect(body).toMatchObject({
      id,
      kind: 'full',
      trust: 'unchecked',
      verified: 'never',
      omissions: null,
      duplicates: [],
    });
    expect(Object.keys(body.agents)).toHaveLength(body.agent_count);
    expect(body).not.toHaveProperty('signature');
    expect(body).not.toHaveProperty('path');
  });

  describe('making one', () => {
    const make = (body: object) => bench.api.post(URL).send(body);

    it('is a job', async () => {
      await bench.work();
      const { body, headers } = await make({ name: ' Before the upgrade ', mode: 'full' }).expect(202);
      expect(headers['location']).toBe(`/api/v1/jobs/${body.id}`);
      expect(body).toMatchObject({ type: 'backup.create', state: 'queued', error: null });
      const job = await bench.queue.waitFor(body.id, { timeoutMs: 10_000 });
      expect(job).toMatchObject({ state: 'completed' });
      expect(bench.logs).toContainEqual(expect.objectContaining({ job_id: body.id, msg: 'request completed' }));
    });

    it('passes on what was selected, secrets only on request', async () => {
      const payloads: unknown[] = [];
      await bench.work({
        'backup.create': (payload) => {
          payloads.push(payload);
          return Promise.reject(new Error('seen'));
        },
      });
      const { body } = await make({
        name: 'a',
        mode: 'partial',
        scope: { include_skill_pool: false },
        agents: ['b', 'a', 'b'],
      }).expect(202);
      await bench.queue.waitFor(body.id, { timeoutMs: 10_000 });
      expect(payloads[0]).toEqual({
        name: 'a',
        description: '',
        scope: { include_agents: true, include_global_config: true, include_secrets: false, include_skill_pool: false },
        agents: ['b', 'a'],
        created_at: expect.stringMatching(/^\d{4}-.*Z$/),
        short_id: expect.stringMatching(/^[0-9a-f]{8}$/),
      });
    });

    it('refuses what makes no sense, and names the fields', async () => {
      const refusals: [object, string, string[] | undefined][] = [
        [{}, 'VALIDATION_FAILED', ['name', 'mode']],
        [{ name: 'a' }, 'VALIDATION_FAILED', ['mode']],
        [{ name: '  ', mode: 'full' }, 'VALIDATION_FAILED', ['name']],
        [{ name: 'a'.repeat(201), mode: 'full' }, 'VALIDATION_FAILED', ['name']],
        [{ name: 'a\r\nb', mode: 'full' }, 'VALIDATION_FAILED', ['name']],
        [{ name: 'a\u0000', mode: 'full' }, 'VALIDATION_FAILED', ['name']],
        [{ name: '\ud800', mode: 'full' }, 'VALIDATION_FAILED', ['name']],
        [{ name: { toString: 'x' }, mode: 'full' }, 'VALIDATION_FAILED', ['name']],
        [{ name: 'a', mode: 'most' }, 'VALIDATION_FAILED', ['mode']],
        [{ name: 'a', mode: 'full', level: 9 }, 'VALIDATION_FAILED', ['level']],
        [{ name: 'a', mode: 'full', description: null }, 'VALIDATION_FAILED', ['description']],
        [{ name: 'a', mode: 'partial', scope: null }, 'VALIDATION_FAILED', ['scope']],
        [{ name: 'a', mode: 'partial', scope: [] }, 'VALIDATION_FAILED', ['scope']],
        [
          { name: 'a', mode: 'partial', scope: { include_secrets: 'yes' } },
          'VALIDATION_FAILED',
          ['scope.include_secrets'],
        ],
        [{ name: 'a', mode: 'partial', scope: { include_all: true } }, 'VALIDATION_FAILED', ['scope.include_all']],
        [{ name: 'a', mode: 'partial', agents: 'some' }, 'VALIDATION_FAILED', ['agents']],
        [{ name: 'a', mode: 'partial', agents: ['../x'] }, 'VALIDATION_FAILED', ['agents']],
        [{ name: 'a', mode: 'partial', agents: [7] }, 'VALIDATION_FAILED', ['agents']],
        [
          { name: 'a', mode: 'full', scope: { include_secrets: false } },
          'VALIDATION_FAILED',
          ['scope.include_secrets'],
        ],
        [
          {
            name: 'a',
            mode: 'partial',
            scope: { include_global_config: false, include_skill_pool: false },
            agents: [],
          },
          'NOTHING_SELECTED',
          undefined,
        ],
      ];
      for (const [body, code, fields] of refusals) {
        const reply = await make(body).expect(400);
        expect(reply.body).toMatchObject({ code, details: fields === undefined ? {} : { fields } });
      }
      expect((await bench.queue.list({ limit: 10 })).jobs).toEqual([]);
    });
  });

  describe('renaming', () => {
    it('is a job', async () => {
      await bench.work();
      const id = await bench.addBackup('native-full.zip');
      const { body, headers } = await bench.api.patch(`${URL}/${id}`).send({ description: 'line\nline' }).expect(202);
      expect(headers['location']).toBe(`/api/v1/jobs/${body.id}`);
      expect(await bench.queue.waitFor(body.id, { timeoutMs: 10_000 })).toMatchObject({
        type: 'backup.rename',
        state: 'completed',
        backup_id: id,
        result: { name: '', description: 'line\nline' },
      });
    });

    it('needs something to change, on a backup that is there', async () => {
      const id = await bench.addBackup('native-full.zip');
      await bench.api.patch(`${URL}/${id}`).send({}).expect(400);
      await bench.api.patch(`${URL}/${id}`).send({ name: null }).expect(400);
      await bench.api.patch(`${URL}/${id}`).send({ id: 'other' }).expect(400);
      const { body } = await bench.api.patch(`${URL}/absent`).send({ name: 'a' }).expect(404);
      expect(body.code).toBe('BACKUP_NOT_FOUND');
    });
  });

  describe('deleting', () => {
    it('removes the archive', async () => {
      const id = await bench.addBackup('native-full.zip');
      await bench.api.delete(`${URL}/${id}`).expect(204, '');
      expect(existsSync(join(bench.backupDir, 'native-full.zip'))).toBe(false);
      await bench.api.delete(`${URL}/${id}`).expect(404);
    });

    it('is refused while a job uses it', async () => {
      const id = await bench.addBackup('native-full.zip');
      const job = (await bench.api.post(`${URL}/${id}/verify`).expect(202)).body;
      const { body } = await bench.api.delete(`${URL}/${id}`).expect(409);
      expect(body).toMatchObject({ code: 'BACKUP_IN_USE', details: { id, job_id: job.id, job_type: 'backup.verify' } });
      await bench.api.post(`/api/v1/jobs/${job.id}/cancel`).expect(200);
      await bench.api.delete(`${URL}/${id}`).expect(204);
    });

    it('of several says what became of each', async () => {
      const full = await bench.addBackup('native-full.zip');
      const partial = await bench.addBackup('native-partial.zip');
      await bench.api.post(`${URL}/${partial}/verify`).expect(202);
      const { body } = await bench.api
        .post(`${URL}/batch-delete`)
        .send({ ids: [full, partial, 'absent', '../x', full] })
        .expect(200);
      expect(body.results).toMatchObject([
        { id: full, deleted: true, error: null },
        { id: partial, deleted: false, error: { code: 'BACKUP_IN_USE' } },
        { id: 'absent', deleted: false, error: { code: 'BACKUP_NOT_FOUND' } },
        { id: '../x', deleted: false, error: { code: 'BACKUP_ID_INVALID' } },
      ]);
      for (const bad of [{}, { ids: [] }, { ids: 'all' }, { ids: [1] }, { ids: [full], force: true }]) {
        await bench.api.post(`${URL}/batch-delete`).send(bad).expect(400);
      }
    });
  });

  it('verifies as a job, and not what is not there', async () => {
    await bench.work();
    const id = await bench.addBackup('native-full.zip');
    const { body } = await bench.api.post(`${URL}/${id}/verify`).expect(202);
    expect(await bench.queue.waitFor(body.id, { timeoutMs: 10_000 })).toMatchObject({
      state: 'completed',
      backup_id: id,
    });
    await bench.api.post(`${URL}/absent/verify`).expect(404);
    writeFileSync(
      join(bench.backupDir, 'broken.zip'),
      readFileSync(join(bench.backupDir, 'native-full.zip')).subarray(0, 99),
    );
    const broken = await bench.api.post(`${URL}/broken/verify`).expect(422);
    expect(broken.body).toMatchObject({ code: 'BACKUP_INVALID', details: { reason: 'ARCHIVE_NOT_ZIP' } });
  });
});
