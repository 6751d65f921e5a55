import type { JobProgress, JobResult, JobType, JobView } from '@pawvault/contracts';
import type { HttpClient } from '@pawvault/testing';

export type FinishedJob<T extends JobType> = JobView<T> & { result: JobResult<T> };

/**
 * Starts a job and waits for its end, as a user's program would: one request, then server-sent events.
 * @throws Error with the code and message of a job that did not complete
 */
export async function runJob<T extends JobType>(
  client: HttpClient,
  request: { path: string; body?: unknown },
  onProgress: (progress: JobProgress) => void,
): Promise<FinishedJob<T>> {
  let job = await client.post<JobView<T>>(request.path, request.body);
  for await (const view of client.events<JobView<T>>(`/api/v1/jobs/${job.id}/events`, 'job')) {
    job = view;
    if (view.progress) onProgress(view.progress);
  }
  if (job.state !== 'completed' || job.result === null) throw new Error(failureOf(job));
  return { ...job, result: job.result };
}

const failureOf = ({ type, state, error }: JobView): string =>
  error ? `${type} failed with ${error.code}: ${error.message}` : `${type} was ${state}, not completed`;
