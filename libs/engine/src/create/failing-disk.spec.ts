import { readdirSync, readFileSync } from 'node:fs';
import { noise, forEachFailure, symlink } from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { renameBackup } from '../rename/rename-backup';
import { backUp, type BareInstance, bareInstance } from '../spec-support/bare-instance';
import { payloadFor, plainEngine, RecordedJob, remainsIn } from '../spec-support/engine-bench';
import { verifyBackup } from '../verify/verify-backup';
import { removeLeftovers } from '../work-dir';
import { createBackup } from './create-backup';

const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const SCOPE = { include_global_config: false, include_secrets: false, include_skill_pool: false };

const instanceOf = (): BareInstance =>
  bareInstance({ 'a.txt': 'text '.repeat(100), 'big.bin': noise('big', (1 << 20) + 9), 'link.md': symlink('a.txt') });

const openFiles = (): number => readdirSync('/proc/self/fd').length;

async function expectSound(deps: EngineDeps, id: string): Promise<void> {
  await expect(verifyBackup(deps, { backup_id: id }, new RecordedJob())).resolves.toMatchObject({
    state: 'ok',
    trust: 'valid',
    manifest: 'ok',
  });
}

describe.each(LONG ? ['EIO', 'ENOSPC', 'EACCES'] : ['EIO', 'ENOSPC'])(
  'when a call on the backup directory fails with %s',
  (errno) => {
    const code = { EIO: 'IO_ERROR', ENOSPC: 'DISK_FULL', EACCES: 'PERMISSION_DENIED' }[errno];

    it('a backup is there whole or not at all, nothing is left over, and the next attempt makes it', async () => {
      const { directories } = instanceOf();
      const failures = await forEachFailure(
        async ({ nth, run, failed }) => {
          const backupDir = `${directories.backupDir}-${nth}`;
          const deps = plainEngine({ ...directories, backupDir });
          const payload = payloadFor({ mode: 'partial', scope: SCOPE });
          const job = new RecordedJob('create');
          const before = openFiles();
          const outcome = await run(backupDir, () => createBackup(deps, payload, job));
          expect(openFiles()).toBeLessThanOrEqual(before);
          const remains = remainsIn(backupDir);
          expect(remains.work).toEqual([]);
          // A failed unlink leaves a temporary file, after the failure that it followed.
          if (failed()?.name !== 'promises.unlink') expect(remains.others).toEqual([]);
          if (outcome.status === 'failed') expect(outcome.error).toMatchObject({ name: 'DomainError', code });
          else expect(remains.archives).toEqual([`${outcome.value.backup_id}.zip`]);
          for (const name of remains.archives) await expectSound(deps, name.replace(/\.zip$/, ''));
          await removeLeftovers(backupDir);
          const again = await createBackup(deps, payload, new RecordedJob('create'));
          expect(remainsIn(backupDir)).toMatchObject({ archives: [`${again.backup_id}.zip`], work: [] });
          await expectSound(deps, again.backup_id);
        },
        { errno },
      );
      expect(failures).toBeGreaterThan(30);
    }, 120_000);

    it('a renamed archive is the old one or the new one, and nothing is left over', async () => {
      const instance = instanceOf();
      const first = await backUp(plainEngine(instance.directories));
      const id = first.result.backup_id;
      let name = 'Before the upgrade';
      const failures = await forEachFailure(
        async ({ nth, run }) => {
          const deps = plainEngine(instance.directories);
          const job = new RecordedJob('rename');
          const before = openFiles();
          const bytes = readFileSync(first.path);
          const outcome = await run(instance.directories.backupDir, () =>
            renameBackup(deps, { backup_id: id, name: `name ${nth}` }, job),
          );
          expect(openFiles()).toBeLessThanOrEqual(before);
          const remains = remainsIn(instance.directories.backupDir);
          expect(remains).toEqual({ archives: [`${id}.zip`], work: [], others: [] });
          const now = (await plainEngine(instance.directories).store.find(id)).meta.name;
          expect([name, `name ${nth}`]).toContain(now);
          if (now === name) expect(readFileSync(first.path).equals(bytes)).toBe(true);
          if (outcome.status === 'done') expect(now).toBe(`name ${nth}`);
          else expect(outcome.error).toMatchObject({ name: 'DomainError' });
          name = now;
          await expectSound(deps, id);
          await removeLeftovers(instance.directories.backupDir);
        },
        { errno },
      );
      expect(failures).toBeGreaterThan(20);
    }, 120_000);
  },
);

describe('when a call on the instance fails', () => {
  it('the backup is made without what could not be read, and says so', async () => {
    const { directories, workspace } = instanceOf();
    const failures = await forEachFailure(async ({ nth, run }) => {
      const backupDir = `${directories.backupDir}-${nth}`;
      const deps = plainEngine({ ...directories, backupDir });
      const before = openFiles();
      const outcome = await run(workspace, () =>
        createBackup(deps, payloadFor({ mode: 'partial', scope: SCOPE }), new RecordedJob()),
      );
      expect(openFiles()).toBeLessThanOrEqual(before);
      expect(outcome.status).toBe('done');
      if (outcome.status === 'failed') throw outcome.error;
      await expectSound(deps, outcome.value.backup_id);
      const { files, omissions } = outcome.value;
      const named = omissions.map(({ path, reason, detail }) => `${path} ${reason} ${detail}`);
      // Every file is there or named; a directory that cannot be listed stands for what is in it.
      const whole = named.some((line) => /^data\/workspaces\/a\/ /.test(line));
      if (!whole) expect(files + named.length).toBeGreaterThanOrEqual(3);
    });
    expect(failures).toBeGreaterThan(8);
  }, 60_000);
});
