import type { JobView } from '@pawvault/contracts';
import type { Response } from '../http';

/** Points to the job that does what was asked for; goes with status 202. */
export function accepted(response: Response, job: JobView): JobView {
  response.setHeader('Location', `/api/v1/jobs/${job.id}`);
  return job;
}
