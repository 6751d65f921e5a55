import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type CreateResult, DomainError } from '@pawvault/contracts';
import { attackScene, changesOutside, leaksOf } from '../spec-support/attack-scene';
import { payloadFor, RecordedJob, threadedEngine } from '../spec-support/engine-bench';
import { startSwapping } from '../spec-support/swapping-program';
import { createBackup } from './create-backup';

const TRIES = process.env['PAWVAULT_LONG_TESTS'] === '1' ? 2_000 : 100;
const SCOPE = { include_global_config: false, include_secrets: false, include_skill_pool: false };
const PLACES = ['d1', 'd1/d2', 'd1/d2/d3', 'd1/a.txt', 'd1/d2/large.bin', 'd1/d2/d3/history.db', 'd1/d2/d3/a.txt'];

it(
  `${TRIES} backups beside a program that swaps directories and files for links all the time take nothing from outside`,
  async () => {
    const scene = attackScene();
    const engine = threadedEngine(scene.directories);
    const program = await startSwapping(scene, PLACES, 20261128);
    let disturbed = 0;
    try {
      for (let round = 0; round < TRIES; round++) {
        const payload = payloadFor({ mode: 'partial', scope: SCOPE });
        const outcome = await createBackup(engine, payload, new RecordedJob()).catch((error: unknown) => error);
        if (outcome instanceof DomainError) expect(changesOutside(scene)).toEqual([]);
        else {
          const result = outcome as CreateResult;
          expect({ round, leaks: await leaksOf(scene, result) }).toEqual({ round, leaks: [] });
          disturbed += Number(result.omission_count > 0);
          rmSync(join(scene.directories.backupDir, `${result.backup_id}.zip`));
        }
      }
    } finally {
      await program.stop();
      scene.remove();
    }
    // A program that hits nothing would prove nothing.
    expect(disturbed).toBeGreaterThan(TRIES / 20);
  },
  TRIES * 3_000,
);
