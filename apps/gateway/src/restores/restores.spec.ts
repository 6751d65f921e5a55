import { DomainError, type ErrorCode, type JobView, type RestorePayload } from '@pawvault/contracts';
import { Bench } from '../spec-support/bench';
import { planOf, restoreResultOf } from '../spec-support/handlers';

const HASH = 'a1'.repeat(32);

describe('restores', () => {
  let bench: Bench;
  let id: string;
  beforeEach(async () => {
    bench = await Bench.open();
    id = await bench.addBackup('native-full.zip');
  });
  afterEach(() => bench.close());

  const plan = (body: object, of = id) => bench.api.post(`/api/v1/backups/${of}/restore-plan`).send(body);
  const restore = (body: object, of = id) => bench.api.post(`/api/v1/backups/${of}/restores`).send(body);

  describe('a plan', () => {
    it('is what the worker answers, and leaves no job', async () => {
      await bench.work();
      const { body } = await plan({ mode: 'custom', include_skill_pool: true }).expect(200);
      expect(body).toEqual(planOf({ backup_id: id, mode: 'custom' } as never));
      expect((await bench.queue.list({ limit: 5 })).jobs).toEqual([]);
    });

    it('is asked for with everything that was chosen', async () => {
      const asked: unknown[] = [];
      await bench.work({
        'restore.plan': (payload) => {
          asked.push(payload);
          return Promise.resolve(planOf(payload));
        },
      });
      const chosen = {
        agent_ids: ['b', 'a', 'b'],
        include_global_config: true,
        default_workspace_dir: '/data/猫 paw',
        preserve_local_protected_config: false,
        trust_mode: 'foreign',
      };
      await plan({ mode: 'custom', ...chosen }).expect(200);
      await plan({ mode: 'full', default_workspace_dir: null, trust_mode: null }).expect(200);
      const open = { default_workspace_dir: null, preserve_local_protected_config: null, trust_mode: null };
      const none = { include_global_config: false, include_skill_pool: false, include_secrets: false };
      expect(asked).toEqual([
        { backup_id: id, mode: 'custom', ...none, ...chosen, agent_ids: ['b', 'a'] },
        { backup_id: id, mode: 'full', agent_ids: [], ...none, ...open },
      ]);
    });

    it('cleans and makes links that lead out only when that is asked for; an earlier worker is not told what it does not know', async () => {
      const asked: object[] = [];
      await bench.work({
        'restore.plan': (payload) => {
          asked.push(payload);
          return Promise.resolve(planOf(payload));
        },
      });
      await plan({ mode: 'full', clean: true, outward_links: 'keep' }).expect(200);
      await plan({ mode: 'full', clean: false, outward_links: 'skip' }).expect(200);
      await plan({ mode: 'full' }).expect(200);
      expect(asked[0]).toMatchObject({ clean: true, outward_links: 'keep' });
      for (const payload of asked.slice(1))
        for (const field of ['clean', 'outward_links']) expect(payload).not.toHaveProperty(field);
    });

    it('without a worker is refused', async () => {
      const { body } = await plan({ mode: 'full' }).expect(503);
      expect(body.code).toBe('WORKER_UNAVAILABLE');
    });

    it.each<[ErrorCode, number]>([
      ['RESTORE_NEEDS_FULL_BACKUP', 409],
      ['RESTORE_AGENT_NOT_IN_BACKUP', 422],
      ['RESTORE_DESTINATION_REFUSED', 422],
      ['INSTANCE_CONFIG_INVALID', 409],
      ['backup_legacy_unsigned', 400],
      ['backup_signature_mismatch', 400],
      ['backup_unknown_signature_scheme', 400],
    ])('that is refused with %s is a %i with the details', async (code, status) => {
      await bench.work({ 'restore.plan': () => Promise.reject(new DomainError(code, 'because', { agents: ['x'] })) });
      const { body } = await plan({ mode: 'full' }).expect(status);
      expect(body).toMatchObject({ code, status, detail: 'because', details: { agents: ['x'] } });
    });

    it('of a backup that is not there is refused before anybody is asked', async () => {
      expect((await plan({ mode: 'full' }, 'nothing').expect(404)).body.code).toBe('BACKUP_NOT_FOUND');
      expect((await plan({ mode: 'full' }, '.hidden').expect(400)).body.code).toBe('BACKUP_ID_INVALID');
    });
  });

  describe('a restore', () => {
    it('is a job that works on the backup', async () => {
      await bench.work();
      const { body, headers } = await restore({ mode: 'full', confirm: true }).expect(202);
      expect(headers['location']).toBe(`/api/v1/jobs/${body.id}`);
      expect(body).toMatchObject({ type: 'backup.restore', state: 'queued', backup_id: id, error: null });
      await bench.queue.waitFor(body.id, { timeoutMs: 10_000 });
      const { body: job } = await bench.api.get(headers['location'] ?? '').expect(200);
      expect(job).toMatchObject({
        state: 'completed',
        result: restoreResultOf({ backup_id: id, mode: 'full' } as never),
      });
    });

    it('makes a backup first, whose identity is fixed with the job, unless that is declined', async () => {
      const payloads: RestorePayload[] = [];
      await bench.work({
        'backup.restore': (payload) => {
          payloads.push(payload);
          return Promise.resolve(restoreResultOf(payload));
        },
      });
      const bodies = [
        { mode: 'full', confirm: true },
        { mode: 'custom', include_secrets: true, pre_restore_backup: false, plan_hash: HASH, confirm: true },
      ];
      for (const body of bodies) {
        const reply = await restore(body).expect(202);
        await bench.queue.waitFor((reply.body as JobView).id, { timeoutMs: 10_000 });
      }
      expect(payloads).toMatchObject([
        {
          backup_id: id,
          mode: 'full',
          plan_hash: null,
          pre_restore_backup: {
            created_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
            short_id: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
          },
        },
        { mode: 'custom', include_secrets: true, plan_hash: HASH, pre_restore_backup: null },
      ]);
    });

    it('is told to clean and to make links that lead out', async () => {
      const payloads: RestorePayload[] = [];
      await bench.work({
        'backup.restore': (payload) => {
          payloads.push(payload);
          return Promise.resolve(restoreResultOf(payload));
        },
      });
      for (const chosen of [{ clean: true, outward_links: 'keep' }, {}]) {
        const reply = await restore({ mode: 'full', ...chosen, confirm: true }).expect(202);
        await bench.queue.waitFor((reply.body as JobView).id, { timeoutMs: 10_000 });
      }
      expect(payloads[0]).toMatchObject({ clean: true, outward_links: 'keep' });
      expect(payloads[1]).not.toHaveProperty('clean');
    });

    it('tells the plan that was carried out, and what became of its paths', async () => {
      const told = {
        plan_hash: HASH,
        path_counts: { added: 1, changed: 2, removed: 3, carried: 4 },
        links_not_made: ['default/current -> /opt/models'],
      };
      await bench.work({ 'backup.restore': (payload) => Promise.resolve({ ...restoreResultOf(payload), ...told }) });
      const { body } = await restore({ mode: 'full', confirm: true }).expect(202);
      await bench.queue.waitFor((body as JobView).id, { timeoutMs: 10_000 });
      const { body: job } = await bench.api.get(`/api/v1/jobs/${(body as JobView).id}`).expect(200);
      expect(job.result).toMatchObject(told);
    });

    it('keeps the backup from being deleted', async () => {
      await restore({ mode: 'full', confirm: true }).expect(202);
      const { body } = await bench.api.delete(`/api/v1/backups/${id}`).expect(409);
      expect(body.code).toBe('BACKUP_IN_USE');
    });

    it('that commits cannot be cancelled', async () => {
      let finish = (): void => undefined;
      const finished = new Promise<void>((resolve) => (finish = resolve));
      await bench.work({
        'backup.restore': async (payload, { onProgress }) => {
          onProgress({ ...PROGRESS, phase: 'committing' });
          await finished;
          return restoreResultOf(payload);
        },
      });
      const { body: job } = await restore({ mode: 'full', confirm: true }).expect(202);
      for await (const { progress } of bench.queue.watch(job.id, AbortSignal.timeout(10_000)))
        if (progress?.phase === 'committing') break;
      const { body } = await bench.api.post(`/api/v1/jobs/${job.id}/cancel`).expect(409);
      expect(body).toMatchObject({ code: 'RESTORE_COMMITTING', details: { id: job.id } });
      finish();
      expect(await bench.queue.waitFor(job.id, { timeoutMs: 10_000 })).toMatchObject({ state: 'completed' });
    });

    it('of a backup that is not there is refused', async () => {
      expect((await restore({ mode: 'full', confirm: true }, 'nothing').expect(404)).body.code).toBe(
        'BACKUP_NOT_FOUND',
      );
    });
  });

  describe('a request that makes no sense', () => {
    const bad: [object, string, string[] | undefined][] = [
      [{}, 'VALIDATION_FAILED', ['mode']],
      [{ mode: 'most' }, 'VALIDATION_FAILED', ['mode']],
      [{ mode: 'full', agents: 'all' }, 'VALIDATION_FAILED', ['agents']],
      [{ mode: 'full', agent_ids: [] }, 'VALIDATION_FAILED', ['agent_ids']],
      [
        { mode: 'full', include_secrets: true, include_global_config: false },
        'VALIDATION_FAILED',
        ['include_global_config', 'include_secrets'],
      ],
      [{ mode: 'full', include_skill_pool: true }, 'VALIDATION_FAILED', ['include_skill_pool']],
      [{ mode: 'custom', agent_ids: 'all' }, 'VALIDATION_FAILED', ['agent_ids']],
      [{ mode: 'custom', agent_ids: null }, 'VALIDATION_FAILED', ['agent_ids']],
      [{ mode: 'custom', agent_ids: ['..'] }, 'VALIDATION_FAILED', ['agent_ids']],
      [{ mode: 'custom', agent_ids: [{}] }, 'VALIDATION_FAILED', ['agent_ids']],
      [{ mode: 'custom', include_secrets: 'yes' }, 'VALIDATION_FAILED', ['include_secrets']],
      [{ mode: 'custom', include_skill_pool: null }, 'VALIDATION_FAILED', ['include_skill_pool']],
      [{ mode: 'full', default_workspace_dir: 'agents' }, 'VALIDATION_FAILED', ['default_workspace_dir']],
      [{ mode: 'full', default_workspace_dir: '/a\0' }, 'VALIDATION_FAILED', ['default_workspace_dir']],
      [{ mode: 'full', trust_mode: 'blind' }, 'VALIDATION_FAILED', ['trust_mode']],
      [
        { mode: 'full', preserve_local_protected_config: 'no' },
        'VALIDATION_FAILED',
        ['preserve_local_protected_config'],
      ],
      [{ mode: 'full', clean: 'yes' }, 'VALIDATION_FAILED', ['clean']],
      [{ mode: 'full', clean: null }, 'VALIDATION_FAILED', ['clean']],
      [{ mode: 'full', outward_links: true }, 'VALIDATION_FAILED', ['outward_links']],
      [{ mode: 'full', outward_links: 'follow' }, 'VALIDATION_FAILED', ['outward_links']],
      [{ mode: 'full', outward_links: null }, 'VALIDATION_FAILED', ['outward_links']],
      [{ mode: 'custom', clean: true }, 'NOTHING_SELECTED', undefined],
      [{ mode: 'custom' }, 'NOTHING_SELECTED', undefined],
      [{ mode: 'custom', agent_ids: [], include_secrets: false }, 'NOTHING_SELECTED', undefined],
    ];

    it.each(bad)('%j is refused as a plan and as a restore', async (body, code, fields) => {
      const expected = { code, details: fields === undefined ? {} : { fields } };
      expect((await plan(body).expect(400)).body).toMatchObject(expected);
      expect((await restore({ ...body, confirm: true }).expect(400)).body).toMatchObject(expected);
      expect((await bench.queue.list({ limit: 5 })).jobs).toEqual([]);
    });

    it.each([
      [{ mode: 'full' }, ['confirm']],
      [{ mode: 'full', confirm: false }, ['confirm']],
      [{ mode: 'full', confirm: 'true' }, ['confirm']],
      [{ mode: 'full', confirm: 1 }, ['confirm']],
      [{ mode: 'full', confirm: true, pre_restore_backup: null }, ['pre_restore_backup']],
      [{ mode: 'full', confirm: true, pre_restore_backup: { short_id: '00000000' } }, ['pre_restore_backup']],
      [{ mode: 'full', confirm: true, plan_hash: HASH.toUpperCase() }, ['plan_hash']],
    ])('%j is refused as a restore', async (body, fields) => {
      const reply = await restore(body).expect(400);
      expect(reply.body).toMatchObject({ code: 'VALIDATION_FAILED', details: { fields } });
      expect((await bench.queue.list({ limit: 5 })).jobs).toEqual([]);
    });

    it('a path that is too long is refused', async () => {
      const { body } = await plan({ mode: 'full', default_workspace_dir: `/${'a'.repeat(4096)}` }).expect(400);
      expect(body).toMatchObject({ code: 'VALIDATION_FAILED', details: { fields: ['default_workspace_dir'] } });
    });

    it('a plan knows nothing of what only a restore takes', async () => {
      const { body } = await plan({ mode: 'full', confirm: true, plan_hash: HASH }).expect(400);
      expect(body.details.fields).toEqual(['confirm', 'plan_hash']);
    });
  });
});

const PROGRESS = {
  phase: 'staging',
  percent: 99,
  current: null,
  agents_done: 1,
  agents_total: 1,
  files_done: 1,
  files_total: 1,
  bytes_done: 1,
  bytes_total: 1,
  bytes_per_second: 0,
  eta_seconds: null,
};
