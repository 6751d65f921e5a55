import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '@pawvault/archive';
import {
  type CreatePayload,
  FULL_SCOPE,
  type JobProgress,
  type JobWarning,
  type SelectionRequest,
  resolveSelection,
} from '@pawvault/contracts';
import { createEngine, type Engine, type EngineDeps, type EngineOptions } from '../engine';
import type { JobContext } from '../job-context';
import { InProcessRunner } from './in-process-runner';

export const CREATED_AT = '2026-04-20T09:30:00Z';

const opened: Engine[] = [];

/** An engine on real threads, as a worker makes it. It ends with the tests of the file. */
export function threadedEngine(
  directories: EngineOptions['directories'],
  options: Partial<Omit<EngineOptions, 'directories'>> = {},
): Engine {
  const engine = createEngine({
    instanceId: 'default',
    directories,
    limits: DEFAULT_LIMITS,
    exclude: { useDefaults: true, rules: [] },
    threads: 2,
    qwenpawVersion: '1.1.9',
    qwenpawApiUrl: null,
    ...options,
  });
  opened.push(engine);
  return engine;
}

/** The same without threads. */
export const plainEngine = (...given: Parameters<typeof threadedEngine>): EngineDeps => ({
  ...threadedEngine(...given),
  pool: new InProcessRunner(),
});

afterAll(async () => {
  for (const engine of opened.splice(0)) await engine.close();
});

let lastJob = 0;

/** A job that remembers what it was told. */
export class RecordedJob implements JobContext {
  readonly progress: JobProgress[] = [];
  readonly warnings: JobWarning[] = [];
  readonly abort = new AbortController();
  /** Other jobs that use a backup, by its id; empty means nobody does. */
  readonly users = new Map<string, string[]>();
  /** Called after each report, with its number from 1. */
  afterReport: (count: number, progress: JobProgress) => void = () => undefined;

  constructor(readonly jobId: string = `job-${++lastJob}`) {}

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get codes(): string[] {
    return this.warnings.map(({ code }) => code);
  }

  onProgress(progress: JobProgress): void {
    this.progress.push(progress);
    this.afterReport(this.progress.length, progress);
  }

  warn(warning: JobWarning): void {
    this.warnings.push(warning);
  }

  othersUsing(backupId: string): Promise<string[]> {
    return Promise.resolve(this.users.get(backupId) ?? []);
  }
}

let lastId = 0;

/** A payload as the gateway makes it, with an id of its own. */
export function payloadFor(request: SelectionRequest, rest: Partial<CreatePayload> = {}): CreatePayload {
  const id = (++lastId).toString(16).padStart(8, '0');
  const text = { name: 'Before the upgrade', description: '升级之前 "quoted" \u2028' };
  return { ...text, ...resolveSelection(request), created_at: CREATED_AT, short_id: id, ...rest };
}

export const fullPayload = (rest: Partial<CreatePayload> = {}): CreatePayload =>
  payloadFor({ mode: 'full' }, { scope: FULL_SCOPE, ...rest });

/** What stands in a backup directory, work in progress included; nothing else may be left there. */
export function remainsIn(backupDir: string): { archives: string[]; work: string[]; others: string[] } {
  const names = existsSync(backupDir) ? readdirSync(backupDir) : [];
  const work = join(backupDir, '.pawvault', 'work');
  return {
    archives: names.filter((name) => name.endsWith('.zip')).sort(),
    work: existsSync(work) ? readdirSync(work) : [],
    others: names.filter((name) => !name.endsWith('.zip') && name !== '.signing_key' && name !== '.pawvault'),
  };
}
