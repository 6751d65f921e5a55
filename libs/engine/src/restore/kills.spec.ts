import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TreeSnapshot } from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { RestoreScene } from '../spec-support/restore-scene';
import { itMounts } from '../spec-support/small-disk';
import { recoverInstance } from './recover-instance';
import { restoreBackup } from './restore-backup';

const ROOT = resolve(__dirname, '../../../..');
const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const RANDOM_KILLS = LONG ? 200 : 8;

const scene = new RestoreScene();
let engine: EngineDeps;
let old: TreeSnapshot;
let fresh: TreeSnapshot;
let jobs = 0;

beforeAll(async () => {
  await scene.prepare();
  engine = plainEngine(scene.directories);
  scene.reset();
  old = scene.content();
  await restoreBackup(engine, scene.payload(), new RecordedJob('reference'), { quiesce: { kind: 'none' } });
  fresh = scene.content();
}, 60_000);
afterAll(() => scene.close());

itMounts('one of the targets is a volume', () => expect(scene.hasVolume).toBe(true));

interface Killed {
  jobId: string;
  /** null when it was through before the signal came. */
  signal: NodeJS.Signals | null;
}

/** A real process with real threads; `killAt` is a step of the commit, `afterMs` a moment after it has begun. */
async function restoreAndKill(kill: { killAt?: number; afterMs?: number }): Promise<Killed> {
  const jobId = `kill-${++jobs}`;
  const program = join(__dirname, '../spec-support/restore-child.ts');
  const { directories } = scene;
  const args = [JSON.stringify(directories), JSON.stringify(scene.payload()), jobId, String(kill.killAt ?? 0)];
  const child = spawn(process.execPath, ['-r', join(ROOT, 'tools/ts-register.cjs'), program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  await Promise.race([once(child.stdout, 'data'), ended]);
  if (kill.afterMs !== undefined) {
    await Promise.race([delay(kill.afterMs), ended]);
    child.kill('SIGKILL');
  }
  const [, signal] = await ended;
  return { jobId, signal };
}

/** @returns which of the two it is; anything else fails the test */
function stateOf(label: string): 'old' | 'fresh' {
  const now = scene.content();
  if (JSON.stringify(now) === JSON.stringify(fresh)) return 'fresh';
  expect({ label, tree: now }).toEqual({ label, tree: old });
  return 'old';
}

const recover = (): Promise<unknown> => recoverInstance(engine, new AbortController().signal);

it('is old or new as a whole after a kill at every step of the commit', async () => {
  const ends: string[] = [];
  for (let killAt = 1; ; killAt++) {
    scene.reset();
    const { signal } = await restoreAndKill({ killAt });
    await recover();
    ends.push(stateOf(`killed at step ${killAt}`));
    expect(existsSync(join(scene.root, 'working/.pawvault_restore_journal.json'))).toBe(false);
    if (signal === null) break;
  }
  expect(ends.length).toBeGreaterThan(5);
  expect(ends.at(-1)).toBe('fresh');
  expect(ends.slice(0, -1)).toEqual(ends.slice(0, -1).map(() => 'old'));
}, 600_000);

it('is old or new as a whole after kills at random moments, and restores once when the job comes again', async () => {
  for (let i = 0; i < RANDOM_KILLS; i++) {
    scene.reset();
    const afterMs = Math.random() * 500;
    const { jobId } = await restoreAndKill({ afterMs });
    await recover();
    const state = stateOf(`killed after ${afterMs.toFixed(1)} ms`);
    await restoreBackup(engine, scene.payload(), new RecordedJob(jobId), { quiesce: { kind: 'none' } });
    expect(stateOf(`delivered again after it was ${state}`)).toBe('fresh');
  }
}, 600_000);

it('is old or new as a whole when the recovery is killed as well', async () => {
  for (let i = 0; i < RANDOM_KILLS; i++) {
    scene.reset();
    const killAt = 1 + Math.floor(Math.random() * 6);
    await restoreAndKill({ killAt });
    // The program recovers before it restores: killed this early, it is nearly always in the middle of that.
    const moments = [Math.random() * 15, Math.random() * 15];
    for (const afterMs of moments) await restoreAndKill({ afterMs });
    await recover();
    stateOf(`killed at step ${killAt}, and its recovery after ${moments.map((ms) => ms.toFixed(1)).join(' and ')} ms`);
    expect(existsSync(join(scene.root, 'working/.pawvault_restore_journal.json'))).toBe(false);
  }
}, 900_000);
