import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from '../spec-support/bench';

let bench: Bench;
let id: string;
beforeEach(async () => {
  bench = await Bench.open();
  id = await bench.addBackup('native-full.zip');
  mkdirSync(join(bench.backupDir, '.pawvault'), { recursive: true });
  // A file where the directory of the records belongs
  writeFileSync(join(bench.backupDir, '.pawvault/audit'), '');
});
afterEach(() => bench.close());

it('what cannot be recorded is not done', async () => {
  const { body } = await bench.api.post(`/api/v1/backups/${id}/verify`).expect(500);
  expect(body).toMatchObject({ code: 'IO_ERROR' });
  await bench.api.get(`/api/v1/backups/${id}/archive`).expect(500);
  await bench.api.get(`/api/backups/${id}/export`).expect((response) => expect(response.ok).toBe(false));
  expect((await bench.queue.list({ limit: 5 })).jobs).toEqual([]);
});

it('only a delete goes ahead, because nothing else makes room, and is told to the log of the process', async () => {
  await bench.api.delete(`/api/v1/backups/${id}`).expect(204);
  expect(existsSync(join(bench.backupDir, 'native-full.zip'))).toBe(false);
  expect(bench.logs.map(({ msg }) => msg)).toContain('the audit log could not be written');
});
