import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { noise } from '@pawvault/testing';
import { renameBackup } from '../rename/rename-backup';
import { proveByOtherTools } from '../spec-support/archive-view';
import { backUp, type BareInstance, bareInstance } from '../spec-support/bare-instance';
import { fullPayload, RecordedJob, remainsIn, threadedEngine } from '../spec-support/engine-bench';
import type { KillableJob } from '../spec-support/killable-job';
import { verifyBackup } from '../verify/verify-backup';
import { removeLeftovers } from '../work-dir';
import { createBackup } from './create-backup';

const KILLS = process.env['PAWVAULT_LONG_TESTS'] === '1' ? 60 : 8;
const ROOT = resolve(__dirname, '../../../..');
const PROGRAM = join(ROOT, 'libs/engine/src/spec-support/killable-job.ts');

/**
 * Runs the job in a process of its own and kills it after so many lines and some turns of the event loop: each round somewhere else.
 * @returns false when the job was faster
 */
async function killed(job: KillableJob, round: number): Promise<boolean> {
  const args = ['-r', join(ROOT, 'tools/ts-register.cjs'), PROGRAM, JSON.stringify(job)];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  const lines = createInterface({ input: child.stdout });
  let count = 0;
  lines.on('line', () => {
    if (++count !== 1 + (round % 7)) return;
    const spin = (turns: number): unknown => (turns === 0 ? child.kill('SIGKILL') : setImmediate(spin, turns - 1));
    spin((round * round * 37) % 400);
  });
  const [, signal] = await exited;
  return signal === 'SIGKILL';
}

const instanceOf = (): BareInstance => {
  const files = Array.from({ length: 200 }, (_, i): [string, string] => [`notes/${i}.md`, `note ${i} `.repeat(50)]);
  return bareInstance({
    ...Object.fromEntries(files),
    'big.txt': Buffer.alloc(3 << 20, 'log '),
    'm.bin': noise('m', 4 << 20),
  });
};

it(`a backup whose process is killed leaves no half archive, and completes when it is run again (${KILLS} kills)`, async () => {
  const { directories } = instanceOf();
  const engine = threadedEngine(directories);
  const payload = fullPayload();
  let kills = 0;
  for (let round = 0; round < KILLS; round++) {
    kills += Number(
      await killed(
        { directories, create: { ...payload, short_id: `dead${round.toString(16).padStart(4, '0')}` } },
        round,
      ),
    );
    const { archives, others } = remainsIn(directories.backupDir);
    expect(others).toEqual([]);
    // An archive that is visible is complete, however short before its end the process died.
    for (const name of archives) {
      const verified = await verifyBackup(engine, { backup_id: name.replace(/\.zip$/, '') }, new RecordedJob());
      expect(verified).toMatchObject({ state: 'ok', trust: 'valid' });
    }
  }
  expect(kills).toBeGreaterThan(KILLS / 2);
  await removeLeftovers(directories.backupDir);
  expect(remainsIn(directories.backupDir).work).toEqual([]);
  const { backup_id: id } = await createBackup(engine, payload, new RecordedJob('killed'));
  proveByOtherTools(join(directories.backupDir, `${id}.zip`));
  expect(remainsIn(directories.backupDir)).toMatchObject({ work: [], others: [] });
}, 300_000);

it(`a rename whose process is killed leaves the old archive or the new one (${KILLS} kills)`, async () => {
  const { directories } = instanceOf();
  const engine = threadedEngine(directories);
  const { result, path } = await backUp(engine);
  const id = result.backup_id;
  let name = 'Before the upgrade';
  for (let round = 0; round < KILLS; round++) {
    const before = readFileSync(path);
    await killed({ directories, rename: { backup_id: id, name: `round ${round}` } }, round);
    const now = (await engine.store.find(id)).meta.name;
    expect([name, `round ${round}`]).toContain(now);
    if (now === name) expect(readFileSync(path).equals(before)).toBe(true);
    const verified = await verifyBackup(engine, { backup_id: id }, new RecordedJob());
    expect(verified).toMatchObject({ state: 'ok', trust: 'valid', manifest: 'ok' });
    name = now;
  }
  await removeLeftovers(directories.backupDir);
  await renameBackup(engine, { backup_id: id, name: 'at last' }, new RecordedJob('killed'));
  expect((await engine.store.find(id)).meta.name).toBe('at last');
  expect(remainsIn(directories.backupDir)).toEqual({ archives: [`${id}.zip`], work: [], others: [] });
}, 300_000);
