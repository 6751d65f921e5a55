import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupDetail, BackupSummary, FileRecord, InstanceView, JobView } from '@pawvault/contracts';
import { sampleInstance, sha256Of, tempDir } from '@pawvault/testing';
import { archivesIn, unfinishedIn } from './spec-support/backup-dir';
import { placeOf } from './spec-support/slow-instance';
import { startStack } from './spec-support/stack';

it('takes a backup of a live instance over HTTP, and every route tells the same of it', async () => {
  const root = tempDir('e2e');
  const instance = sampleInstance(root);
  const place = placeOf(root);
  const stack = await startStack(place);
  const { client } = stack;

  const seen = await client.get<InstanceView>('/api/v1/instance');
  expect(seen.agents.filter(({ exists }) => !exists).map(({ id }) => id)).toEqual(instance.missingAgents);

  const accepted = await client.fetch('/api/v1/backups', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: '升级前', mode: 'full' }),
  });
  expect(accepted.status).toBe(202);
  const queued = (await accepted.json()) as JobView<'backup.create'>;
  expect(accepted.headers.get('location')).toBe(`/api/v1/jobs/${queued.id}`);
  const created = await stack.ended(queued);
  expect(created).toMatchObject({ state: 'completed', progress: { percent: 100 }, error: null });
  const id = created.result?.backup_id ?? '';
  expect(id).toMatch(/^qwenpaw-1\.1\.9-\d{8}T\d{6}Z-[0-9a-f]{8}$/);

  const verified = await stack.ended(await client.post<JobView<'backup.verify'>>(`/api/v1/backups/${id}/verify`));
  expect(verified.result).toMatchObject({ state: 'ok', trust: 'valid', manifest: 'ok', problem_count: 0 });

  const { backups } = await client.get<{ backups: BackupSummary[] }>('/api/v1/backups');
  expect(backups).toMatchObject([{ id, name: '升级前', kind: 'full', trust: 'valid', verified: 'ok' }]);
  const detail = await client.get<BackupDetail>(`/api/v1/backups/${id}`);
  expect(Object.keys(detail.agents).sort()).toEqual(created.result?.agents.toSorted());
  expect(detail.omissions).toMatchObject([{ path: 'data/workspaces/ghost/', reason: 'missing_workspace' }]);
  const { files } = await client.get<{ files: FileRecord[] }>(`/api/v1/backups/${id}/files?limit=5000`);
  expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(Object.keys(instance.expected)));
  expect(files.filter(({ path }) => instance.unexpected.includes(path))).toEqual([]);

  const archive = Buffer.from(await (await client.fetch(`/api/v1/backups/${id}/archive`)).arrayBuffer());
  expect(sha256Of(archive)).toBe(sha256Of(readFileSync(join(place.backupDir, `${id}.zip`))));
  const tail = await client.fetch(`/api/v1/backups/${id}/archive`, { headers: { range: 'bytes=-22' } });
  expect(tail.status).toBe(206);
  expect(Buffer.from(await tail.arrayBuffer()).equals(archive.subarray(-22))).toBe(true);
  const downloaded = join(root, 'downloaded.zip');
  writeFileSync(downloaded, archive);
  expect(execFileSync('unzip', ['-tq', downloaded], { encoding: 'utf8' })).toContain('No errors detected');

  await client.delete(`/api/v1/backups/${id}`);
  expect(archivesIn(place.backupDir)).toEqual([]);
  expect(unfinishedIn(place.backupDir)).toEqual([]);
  await expect(client.get(`/api/v1/backups/${id}`)).rejects.toMatchObject({ status: 404, code: 'BACKUP_NOT_FOUND' });
  instance.close();
}, 60_000);
