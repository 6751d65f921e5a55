import { resolve } from 'node:path';
import type { JobProgress, JobType, JobView } from '@pawvault/contracts';
import {
  descendantsOf,
  type HttpClient,
  httpClient,
  type ProcessInfo,
  type Standalone,
  startStandalone,
} from '@pawvault/testing';
import { until } from './until';
import type { Place } from './slow-instance';

export const DIST = resolve(__dirname, '../../../../dist/apps');

export interface Stack extends Standalone {
  client: HttpClient;
  /** The running process of one app. @throws when there is none */
  processOf(app: 'worker' | 'gateway'): ProcessInfo;
  startBackup(): Promise<JobView<'backup.create'>>;
  /** Waits for the end of a job, through restarts of the gateway. */
  ended<T extends JobType>(job: JobView<T>, boundMs?: number): Promise<JobView<T>>;
}

const running: Stack[] = [];

/** Stops at the end of the test by itself. @param env on top of that of the place */
export async function startStack(place: Place, env: Record<string, string> = {}): Promise<Stack> {
  const standalone = await startStandalone({
    program: resolve(DIST, 'standalone/main.js'),
    env: { ...place.env, ...env },
  });
  const client = httpClient(standalone.url);
  const stack: Stack = {
    ...standalone,
    client,
    processOf: (app) => childOf(standalone.pid, app),
    startBackup: () => client.post('/api/v1/backups', { name: 'E2E', mode: 'full' }),
    ended: (job, boundMs) => ended(client, job, boundMs),
  };
  running.push(stack);
  return stack;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((stack) => stack.stop()));
});

const isApp = (app: string, { command }: ProcessInfo): boolean => command.includes(`apps/${app}/main.js`);

function childOf(pid: number, app: string): ProcessInfo {
  const found = descendantsOf(pid).find((child) => isApp(app, child));
  if (!found) throw new Error(`There is no ${app} below ${pid}`);
  return found;
}

async function ended<T extends JobType>(client: HttpClient, { id }: JobView<T>, boundMs = 30_000): Promise<JobView<T>> {
  let job: JobView<T> | null = null;
  const look = (): Promise<JobView<T> | null> => client.get<JobView<T>>(`/api/v1/jobs/${id}`).catch(() => null);
  await until(`job ${id} ends`, async () => ((job = await look())?.finished_at ?? null) !== null, boundMs);
  if (job === null) throw new Error(`Job ${id} was not seen`);
  return job;
}

/** Follows a job by events until bytes are being packed, and then stops following, as a client that goes away. */
export async function inTheMiddle(stack: Stack, job: JobView): Promise<JobProgress> {
  for await (const { progress } of stack.client.events<JobView>(`/api/v1/jobs/${job.id}/events`, 'job')) {
    if (progress && progress.bytes_done > 0 && progress.percent < 80) return progress;
  }
  throw new Error('The job ended without having been seen in the middle');
}
