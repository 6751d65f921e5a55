import type { JobType, JobView } from '@pawvault/contracts';
import {
  descendantsOf,
  type HttpClient,
  httpClient,
  peakMemory,
  type Standalone,
  startStandalone,
} from '@pawvault/testing';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Measure } from './timed-command';

const STANDALONE = resolve(__dirname, '../dist/apps/standalone/main.js');
const PROCESSES = ['worker', 'gateway'];

export interface PawvaultRun {
  create: Measure;
  verify: Measure;
}

/**
 * A backup and its verification through the real stack: HTTP, queue, worker. Times are those of the job, from the moment the worker took
 * it to the moment its result was there. Memory is the most that the process had since its start.
 * @param use is called with the archive before it is deleted
 */
export async function pawvaultRun(root: string, use: (archive: string) => Promise<void>): Promise<PawvaultRun> {
  const backups = join(root, 'working.backups');
  const pawvault = await startStandalone({ program: STANDALONE, env: environment(root, backups) });
  try {
    const client = httpClient(pawvault.url);
    const created = await jobOf<'backup.create'>(client, '/api/v1/backups', { name: 'bench', mode: 'full' });
    const create = measure(created, pawvault, created.result?.size ?? null);
    const id = created.result?.backup_id ?? '';
    const verified = await jobOf<'backup.verify'>(client, `/api/v1/backups/${id}/verify`);
    if (verified.result?.state !== 'ok') throw new Error(`The archive ${id} is not sound`);
    const verify = measure(verified, pawvault, null);
    await use(join(backups, `${id}.zip`));
    return { create, verify };
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

async function jobOf<T extends JobType>(client: HttpClient, path: string, body?: unknown): Promise<JobView<T>> {
  let job = await client.post<JobView<T>>(path, body);
  for await (const view of client.events<JobView<T>>(`/api/v1/jobs/${job.id}/events`, 'job')) job = view;
  if (job.state !== 'completed') throw new Error(`${job.type} is ${job.state}: ${job.error?.message}`);
  return job;
}

function measure(job: JobView, { pid }: Standalone, size: number | null): Measure {
  const seconds = (Date.parse(job.finished_at ?? '') - Date.parse(job.started_at ?? '')) / 1000;
  const children = descendantsOf(pid);
  const peak = (name: string): number => {
    const child = children.find(({ command }) => command.includes(`apps/${name}/main.js`));
    if (!child) throw new Error(`There is no ${name}`);
    return peakMemory(child.pid);
  };
  return { seconds, size, peaks: Object.fromEntries(PROCESSES.map((name) => [name, peak(name)])) };
}
