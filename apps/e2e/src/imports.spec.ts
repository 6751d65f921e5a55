import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupSummary, ImportView, JobView } from '@pawvault/contracts';
import { qwenpawFixture, type QwenpawFixture } from '@pawvault/testing';
import { archivesIn } from './spec-support/backup-dir';
import { restorableInstance } from './spec-support/restorable-instance';
import { type Stack, startStack } from './spec-support/stack';
import { until } from './spec-support/until';

async function upload({ url }: Stack, bytes: Buffer, fields: Record<string, string> = {}): Promise<ImportView> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([new Uint8Array(bytes)]), 'archive.zip');
  const response = await fetch(`${url}/api/v1/imports`, { method: 'POST', body: form });
  expect(response.status).toBe(202);
  return (await response.json()) as ImportView;
}

async function settled({ client }: Stack, id: string): Promise<ImportView> {
  const look = (): Promise<ImportView> => client.get<ImportView>(`/api/v1/imports/${id}`);
  await until('the import is settled', async () => !['checking', 'accepting'].includes((await look()).state));
  return look();
}

const fixture = (name: QwenpawFixture): Buffer => readFileSync(qwenpawFixture(name));

/** The installation that made the native fixtures. */
function knownKey(backupDir: string): void {
  mkdirSync(backupDir, { recursive: true, mode: 0o700 });
  copyFileSync(qwenpawFixture('signing_key'), join(backupDir, '.signing_key'));
}

it('takes archives in, asks what has to be asked, and restores them', async () => {
  const place = restorableInstance();
  knownKey(place.backupDir);
  const stack = await startStack(place);
  const accept = (id: string, body: object): Promise<ImportView> =>
    stack.client.post(`/api/v1/imports/${id}/accept`, body);

  const own = await settled(stack, (await upload(stack, fixture('native-full.zip'))).id);
  expect(own).toMatchObject({ state: 'accepted', trust_needed: null });

  const again = await settled(stack, (await upload(stack, fixture('native-full.zip'))).id);
  expect(again).toMatchObject({ state: 'needs_decision', conflict: { id: own.backup_id } });
  await accept(again.id, { overwrite: true });
  expect(await settled(stack, again.id)).toMatchObject({ state: 'accepted' });

  const foreign = await settled(stack, (await upload(stack, fixture('foreign-full.zip'))).id);
  expect(foreign).toMatchObject({ state: 'needs_decision', trust_needed: 'foreign' });
  expect(archivesIn(place.backupDir)).toHaveLength(1);
  await accept(foreign.id, { trust_mode: 'foreign' });
  const { backup_id } = await settled(stack, foreign.id);
  const { backups } = await stack.client.get<{ backups: BackupSummary[] }>('/api/v1/backups');
  expect(backups.find(({ id }) => id === backup_id)).toMatchObject({ accepted_via_trust: true });

  const job = await stack.client.post<JobView<'backup.restore'>>(`/api/v1/backups/${backup_id}/restores`, {
    mode: 'full',
    pre_restore_backup: true,
    confirm: true,
  });
  const { state, result } = await stack.ended(job);
  expect({ state, kept: result?.preserved_local_keys.length }).toEqual({
    state: 'completed',
    kept: expect.any(Number),
  });
  const config = JSON.parse(readFileSync(join(place.workingDir, 'config.json'), 'utf8'));
  for (const { workspace_dir } of Object.values<{ workspace_dir: string }>(config.agents.profiles))
    expect(workspace_dir.startsWith(place.root)).toBe(true);
});

it('says of a damaged archive which check failed and where', async () => {
  const place = restorableInstance();
  knownKey(place.backupDir);
  const stack = await startStack(place);
  const damaged = fixture('native-full.zip');
  const at = damaged.indexOf('data/config.json') + 60;
  damaged.writeUInt8(damaged.readUInt8(at) ^ 0xff, at);
  const view = await settled(stack, (await upload(stack, damaged)).id);
  expect(view).toMatchObject({ state: 'rejected', backup_id: null });
  expect(view.report.find(({ state }) => state === 'failed')).toMatchObject({
    name: 'content',
    entry: 'data/config.json',
  });
  expect(archivesIn(place.backupDir)).toEqual([]);
});

it('imports as the page of QwenPaw does', async () => {
  const place = restorableInstance();
  knownKey(place.backupDir);
  const { url } = await startStack(place);
  const send = async (fields: Record<string, string>, archive?: QwenpawFixture): Promise<[number, unknown]> => {
    const form = new FormData();
    if (archive !== undefined) form.set('file', new Blob([new Uint8Array(fixture(archive))]), archive);
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const response = await fetch(`${url}/api/backups/import`, { method: 'POST', body: form });
    return [response.status, await response.json()];
  };
  const id = '3f0c2a52-6f0e-4c7e-9d7a-0d9f3b8f6c11';
  const refused = (code: string): [number, unknown] => [400, { detail: expect.objectContaining({ code }) }];
  expect(await send({}, 'legacy-unsigned.zip')).toEqual(refused('backup_legacy_unsigned'));
  expect(await send({ trust_mode: 'foreign' }, 'legacy-unsigned.zip')).toEqual(refused('backup_legacy_unsigned'));
  expect(await send({}, 'foreign-full.zip')).toEqual(refused('backup_signature_mismatch'));
  expect(archivesIn(place.backupDir)).toEqual([]);
  expect(await send({ trust_mode: 'legacy' }, 'legacy-unsigned.zip')).toEqual([
    200,
    expect.objectContaining({ id, accepted_via_trust: true, signature: null }),
  ]);
  const [status, conflict] = await send({}, 'native-trusted.zip');
  expect([status, conflict]).toEqual([
    409,
    { detail: 'backup_conflict', existing: expect.objectContaining({ id }), pending_token: expect.any(String) },
  ]);
  const { pending_token } = conflict as { pending_token: string };
  expect(await send({ pending_token })).toEqual([200, expect.objectContaining({ id })]);
  expect(readFileSync(join(place.backupDir, `${id}.zip`))).toEqual(fixture('native-trusted.zip'));
  expect((await send({ pending_token: 'x' }))[0]).toBe(400);
  expect(await send({})).toEqual([400, { detail: 'file is required' }]);
});
