import type { JobResult, JobType, JobView } from '@pawvault/contracts';
import {
  descendantsOf,
  httpClient,
  peakMemory,
  resetPeakMemory,
  type Standalone,
  startStandalone,
} from '@pawvault/testing';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Measure, settleDisk } from './timed-command';

const STANDALONE = resolve(__dirname, '../dist/apps/standalone/main.js');
const PROCESSES = ['worker', 'gateway'];

export interface PawvaultRun {
  create: Measure;
  verify: Measure;
  restore: Measure;
}

/**
 * A backup, its verification and its restore through the real stack: HTTP, queue, worker. Times are those of the job, from the moment the worker took
 * it to the moment its result was there. Memory is the most that each process had during the job.
 * @param use is called with the archive before it is deleted
 */
export async function pawvaultRun(root: string, use: (archive: string) => Promise<void>): Promise<PawvaultRun> {
  const backups = join(root, 'working.backups');
  const pawvault = await startStandalone({ program: STANDALONE, env: environment(root, backups) });
  try {
    const create = await measuredJob<'backup.create'>(pawvault, '/api/v1/backups', { name: 'bench', mode: 'full' });
    const { backup_id: id, size } = create.result;
    const verify = await measuredJob<'backup.verify'>(pawvault, `/api/v1/backups/${id}/verify`);
    if (verify.result.state !== 'ok') throw new Error(`The archive ${id} is not sound`);
    await use(join(backups, `${id}.zip`));
    const body = { mode: 'full', pre_restore_backup: false, confirm: true };
    const restore = await measuredJob<'backup.restore'>(pawvault, `/api/v1/backups/${id}/restores`, body);
    return { create: { ...create.measure, size }, verify: verify.measure, restore: restore.measure };
  } finally {
    await pawvault.stop();
    rmSync(backups, { recursive: true, force: true });
    rmSync(join(root, 'state'), { recursive: true, force: true });
  }
}

const environment = (root: string, backups: string): Record<string, string> => ({
  QWENPAW_WORKING_DIR: join(root, 'working'),
  QWENPAW_SECRET_DIR: join(root, 'working.secret'),
  QWENPAW_BACKUP_DIR: backups,
  QWENPAW_VERSION: 'bench',
  PAWVAULT_STATE_DIR: join(root, 'state'),
  PAWVAULT_LOG_LEVEL: 'warn',
});

interface MeasuredJob<T extends JobType> {
  result: JobResult<T>;
  measure: Measure;
}

async function measuredJob<T extends JobType>(
  { pid, url }: Standalone,
  path: string,
  body?: unknown,
): Promise<MeasuredJob<T>> {
  const client = httpClient(url);
  const processes = PROCESSES.map((name) => ({ name, pid: childOf(pid, name) }));
  settleDisk();
  for (const each of processes) resetPeakMemory(each.pid);
  let job = await client.post<JobView<T>>(path, body);
  for await (const view of client.events<JobView<T>>(`/api/v1/jobs/${job.id}/events`, 'job')) job = view;
  if (job.result === null) throw new Error(`${job.type} is ${job.state}: ${job.error?.message}`);
  const seconds = (Date.parse(job.finished_at ?? '') - Date.parse(job.started_at ?? '')) / 1000;
  const peaks = Object.fromEntries(processes.map((each) => [each.name, peakMemory(each.pid)]));
  return { result: job.result, measure: { seconds, size: null, peaks } };
}

function childOf(pid: number, app: string): number {
  const child = descendantsOf(pid).find(({ command }) => command.includes(`apps/${app}/main.js`));
  if (!child) throw new Error(`There is no ${app}`);
  return child.pid;
}
