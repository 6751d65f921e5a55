/**
 * Restores in a process of its own, to be killed. Arguments: the directories and the payload as JSON, the job id, and the number of the
 * step before which it kills itself (0: never; -1: it freezes before the third step). Says `begun` once it has started.
 */
import { writeSync } from 'node:fs';
import { DEFAULT_LIMITS } from '@pawvault/archive';
import type { RestorePayload } from '@pawvault/contracts';
import { createEngine, type EngineOptions } from '../engine';
import { recoverInstance } from '../restore/recover-instance';
import { restoreBackup } from '../restore/restore-backup';

const [, , directoriesText = '', payloadText = '', jobId = '', killAtText = '0'] = process.argv;
const killAt = Number(killAtText);
let step = 0;

const engine = createEngine({
  instanceId: 'default',
  directories: JSON.parse(directoriesText) as EngineOptions['directories'],
  limits: DEFAULT_LIMITS,
  exclude: { useDefaults: true, rules: [] },
  threads: 1,
  qwenpawVersion: '1.1.9',
  qwenpawApiUrl: null,
});
const { signal } = new AbortController();
const context = {
  jobId,
  signal,
  onProgress: () => undefined,
  warn: () => undefined,
  othersUsing: () => Promise.resolve([]),
};
const onStep = (): void => {
  if (++step === killAt) process.kill(process.pid, 'SIGKILL');
  if (killAt !== -1 || step !== 3) return;
  writeSync(1, 'stopping\n');
  process.kill(process.pid, 'SIGSTOP');
};

async function main(): Promise<void> {
  process.stdout.write('begun\n');
  await recoverInstance(engine, signal);
  await restoreBackup(engine, JSON.parse(payloadText) as RestorePayload, context, {
    quiesce: { kind: 'none' },
    onStep,
  });
  await engine.close();
}

void main();
