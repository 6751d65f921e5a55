/**
 * A process of its own that runs one job, to be killed: node -r tools/ts-register.cjs killable-job.ts <JSON>
 * Prints a line before it begins, and one for each sign of progress.
 */
import { DEFAULT_LIMITS } from '@pawvault/archive';
import type { CreatePayload, RenamePayload } from '@pawvault/contracts';
import { createBackup } from '../create/create-backup';
import { createEngine, type EngineOptions } from '../engine';
import { renameBackup } from '../rename/rename-backup';

export interface KillableJob {
  directories: EngineOptions['directories'];
  create?: CreatePayload;
  rename?: RenamePayload;
}

async function run({ directories, create, rename }: KillableJob): Promise<void> {
  const engine = createEngine({
    instanceId: 'default',
    directories,
    limits: DEFAULT_LIMITS,
    exclude: { useDefaults: true, rules: [] },
    threads: 2,
    qwenpawVersion: '1.1.9',
    qwenpawApiUrl: null,
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const context = {
    jobId: 'killed',
    signal: new AbortController().signal,
    onProgress: () => say('progress'),
    warn: () => undefined,
    othersUsing: () => Promise.resolve([]),
  };
  say('begin');
  if (create) await createBackup(engine, create, context);
  if (rename) await renameBackup(engine, rename, context);
  await engine.close();
}

void run(JSON.parse(process.argv[2] ?? '{}') as KillableJob);
