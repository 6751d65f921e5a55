import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pawvault/testing';
import { removeStaleTemporaries } from './index';

it('removes what nobody can be writing any more, and nothing else', async () => {
  const backupDir = tempDir('stale');
  const audit = join(backupDir, '.pawvault', 'audit');
  mkdirSync(join(audit, '000000000'), { recursive: true });
  const then = Date.now() / 1000 - 3600;
  for (const name of ['.old.tmp', '.new.tmp', 'old.tmp', '.old']) writeFileSync(join(audit, name), '');
  for (const name of ['.old.tmp', 'old.tmp', '.old']) utimesSync(join(audit, name), then, then);
  writeFileSync(join(backupDir, '.other.tmp'), '');
  utimesSync(join(backupDir, '.other.tmp'), then, then);
  expect(await removeStaleTemporaries(backupDir, new Date())).toEqual([join(audit, '.old.tmp')]);
  expect(readdirSync(audit).sort()).toEqual(['.new.tmp', '.old', '000000000', 'old.tmp']);
  expect(readdirSync(backupDir).sort()).toEqual(['.other.tmp', '.pawvault']);
});

it('is content where there is nothing yet', async () => {
  await expect(removeStaleTemporaries(join(tempDir('stale'), 'absent'), new Date())).resolves.toEqual([]);
});
