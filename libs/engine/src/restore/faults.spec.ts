import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RestorePayload } from '@pawvault/contracts';
import {
  failNthCall,
  readTree,
  removeTestTree,
  sampleInstance,
  type SampleInstance,
  tempDir,
  type TreeSnapshot,
} from '@pawvault/testing';
import { createBackup } from '../create/create-backup';
import type { EngineDeps } from '../engine';
import { fullPayload, plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { recoverInstance } from './recover-instance';
import { restoreBackup } from './restore-backup';

/** In the long mode every call fails once with every errno; otherwise a spread of them. */
const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const SHORT_ATTEMPTS = 50;
const ERRNOS = ['EIO', 'ENOSPC', 'EACCES', 'EBUSY', 'EXDEV'];

// Not a `tempDir`: it can be removed only once the volume in it is unmounted.
const root = mkdtempSync(join(tmpdir(), 'pawvault-faults-'));
afterAll(() => {
  sample.close();
  if (mounted !== null) execFileSync('umount', [mounted]);
  removeTestTree(root);
});

const template = tempDir('template');
let sample: SampleInstance;
let engine: EngineDeps;
let backupId: string;
let mounted: string | null = null;

/** A volume of its own for one workspace, as Docker and Kubernetes have it; where that takes rights that we lack, the rest is tested. */
function mountVolume(path: string): string | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', path], { stdio: 'ignore' });
    return path;
  } catch {
    process.stdout.write('No right to mount: mount points are tested with refused renames only.\n');
    return null;
  }
}

const PLACES = ['working', 'working.secret', 'elsewhere'];

/** The instance as it was when the restores begin; a mount point keeps its directory. */
function reset(): void {
  execFileSync(
    'sh',
    [
      '-c',
      `find ${PLACES.map((place) => `'${join(root, place)}'`).join(' ')} -mindepth 1 -depth -delete 2>/dev/null; cp -a '${template}/.' '${root}/'`,
    ],
    { stdio: 'ignore' },
  );
}

/** What belongs to somebody: not the times of the directories around the targets, nor QwenPaw's own lock. */
function contentOf(): TreeSnapshot {
  const around = new Set(['.', 'working', 'working/workspaces', 'elsewhere', 'working.secret', 'working/skill_pool']);
  const all = PLACES.flatMap((place) =>
    Object.entries(readTree(join(root, place))).map(([path, node]) => [`${place}/${path}`, node] as const),
  );
  return Object.fromEntries(all.filter(([path]) => !around.has(path) && !path.endsWith('.qwenpaw_restore.lock')));
}

const payload = (): RestorePayload => ({
  backup_id: backupId,
  mode: 'full',
  agent_ids: [],
  include_global_config: false,
  include_skill_pool: false,
  include_secrets: false,
  default_workspace_dir: null,
  preserve_local_protected_config: null,
  trust_mode: null,
  pre_restore_backup: null,
  plan_hash: null,
});

let jobs = 0;
const restore = (): Promise<unknown> =>
  restoreBackup(engine, payload(), new RecordedJob(`fault-${++jobs}`), { quiesce: { kind: 'none' } });

beforeAll(async () => {
  sample = sampleInstance(root, { database: 'none', mediaBytes: 3_000 });
  const volume = join(root, 'elsewhere/流浪 nomad');
  execFileSync('cp', ['-a', join(root, 'elsewhere'), template]);
  mounted = mountVolume(volume);
  execFileSync('sh', ['-c', `cp -a '${template}/elsewhere/.' '${root}/elsewhere/'`]);
  engine = plainEngine(sample.directories);
  backupId = (await createBackup(engine, fullPayload(), new RecordedJob())).backup_id;
  writeFileSync(join(root, 'working/workspaces/default/AGENTS.md'), 'changed since');
  rmSync(join(root, 'working/workspaces/a1B2c3/memory'), { recursive: true });
  writeFileSync(join(volume, 'new-file.txt'), 'made since');
  writeFileSync(join(root, 'working.secret/.master_key'), 'another key');
  mkdirSync(join(root, 'working/skill_pool/since'));
  execFileSync('sh', [
    '-c',
    `rm -rf '${template}'/*; ${PLACES.map((place) => `cp -a '${join(root, place)}' '${template}/'`).join('; ')}`,
  ]);
});

it('leaves every target old or every target new, whichever call fails', async () => {
  reset();
  const old = contentOf();
  const counting = await failNthCall(Number.MAX_SAFE_INTEGER, { under: root });
  await restore().finally(() => counting.restore());
  const fresh = contentOf();
  expect(fresh).not.toEqual(old);
  const total = counting.calls();
  const step = LONG ? 1 : Math.ceil(total / SHORT_ATTEMPTS);
  const seen = { old: 0, fresh: 0 };
  for (let nth = 1, round = 0; nth <= total; nth += step, round++) {
    for (const errno of LONG ? ERRNOS : [ERRNOS[round % ERRNOS.length] ?? 'EIO']) {
      reset();
      const injection = await failNthCall(nth, { under: root, errno });
      const outcome = await restore().then(
        () => 'done',
        () => 'failed',
      );
      injection.restore();
      await recoverInstance(engine, new AbortController().signal);
      const now = contentOf();
      const isFresh = JSON.stringify(now) === JSON.stringify(fresh);
      const label = `call ${nth} of ${total} (${injection.failed()?.name} ${injection.failed()?.target}) with ${errno}`;
      if (!isFresh) expect({ label, tree: now }).toEqual({ label, tree: old });
      if (outcome === 'done') expect({ label, isFresh }).toEqual({ label, isFresh: true });
      expect(existsSync(join(root, 'working/.pawvault_restore_journal.json'))).toBe(false);
      seen[isFresh ? 'fresh' : 'old'] += 1;
    }
  }
  expect(seen.old).toBeGreaterThan(0);
  expect(seen.fresh).toBeGreaterThan(0);
}, 3_600_000);
