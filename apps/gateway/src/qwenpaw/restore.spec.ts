import { DomainError, type ErrorCode, type RestorePayload } from '@pawvault/contracts';
import { Bench } from '../spec-support/bench';
import { restoreResultOf } from '../spec-support/handlers';
import { post } from '../spec-support/raw-requests';

describe('a restore on the wire of QwenPaw', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

  let id: string;
  beforeEach(async () => {
    id = await bench.addBackup('native-full.zip');
  });

  const restore = (body: object, of = id) => bench.api.post(`/api/backups/${of}/restore`).send(body);

  it('answers when it is done, with the keys that were kept', async () => {
    const seen: RestorePayload[] = [];
    await bench.work({
      'backup.restore': (payload) => {
        seen.push(payload);
        return Promise.resolve({ ...restoreResultOf(payload), preserved_local_keys: ['security', 'mcp'] });
      },
    });
    const { body } = await restore({ include_agents: false, confirmation: 'yes' }).expect(200);
    expect(body).toEqual({ ok: true, preserved_local_keys: ['security', 'mcp'] });
    expect(seen).toMatchObject([{ backup_id: id, mode: 'custom', include_secrets: false, pre_restore_backup: null }]);
  });

  it.each<[ErrorCode, unknown]>([
    ['backup_legacy_unsigned', { code: 'backup_legacy_unsigned', message: 'because', id: 'x' }],
    ['backup_signature_mismatch', { code: 'backup_signature_mismatch', message: 'because', id: 'x' }],
    ['backup_unknown_signature_scheme', { code: 'backup_unknown_signature_scheme', message: 'because', id: 'x' }],
    ['restore_target_busy', { code: 'restore_target_busy', message: 'because', id: 'x' }],
    ['RESTORE_NEEDS_FULL_BACKUP', 'because'],
    ['RESTORE_DESTINATION_REFUSED', 'because'],
    ['ARCHIVE_VERSION_UNSUPPORTED', 'because'],
    ['ARCHIVE_ENTRY_CRC_MISMATCH', 'because'],
  ])('that fails with %s is a 400 with the detail %j', async (code, detail) => {
    await bench.work({ 'backup.restore': () => Promise.reject(new DomainError(code, 'because', { id: 'x' })) });
    const { body } = await restore({ include_agents: false }).expect(400);
    expect(body).toEqual({ detail });
  });

  it('of a backup that is not there is a 404, and one that is at fault a 422', async () => {
    expect((await restore({}, 'nothing').expect(404)).body).toEqual({ detail: 'Backup not found' });
    expect((await restore({ mode: 'half' }).expect(422)).body.detail).toHaveLength(1);
    expect((await bench.queue.list({ limit: 5 })).jobs).toEqual([]);
  });

  it('is not stopped by a client that stops waiting', async () => {
    const request = post(bench.port, `/api/backups/${id}/restore`, { include_agents: false });
    let job: string | undefined;
    for (; job === undefined; [job] = (await bench.queue.activeFor(id)).map((view) => view.id));
    request.destroy();
    await bench.work();
    expect((await bench.queue.waitFor(job, { timeoutMs: 10_000 })).state).toBe('completed');
    expect(bench.logs.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });
});
