import { DomainError, type ErrorCode, type JobState, type JobView } from '@pawvault/contracts';
import type { JobQueue } from '@pawvault/queue';
import { followJob } from './follow-job';

const view = (state: JobState): JobView => ({ id: 'j', state }) as JobView;

/** A queue that tells these, and fails where a code stands; then it is asked again. */
function queueOf(...steps: (JobState | ErrorCode)[]): JobQueue {
  const watch = async function* (): AsyncGenerator<JobView, void, void> {
    for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
      if (step === step.toUpperCase()) throw new DomainError(step as ErrorCode);
      yield await Promise.resolve(view(step as JobState));
    }
  };
  return { watch } as unknown as JobQueue;
}

async function followed(
  queue: JobQueue,
  options: { signal?: AbortSignal; outageMs?: number } = {},
): Promise<JobState[]> {
  const states: JobState[] = [];
  for await (const { state } of followJob(queue, 'j', { signal: new AbortController().signal, ...options }))
    states.push(state);
  return states;
}

describe('following a job', () => {
  it('goes on to its end', async () => {
    expect(await followed(queueOf('queued', 'running', 'completed', 'running'))).toEqual([
      'queued',
      'running',
      'completed',
    ]);
  });

  it('sits out an outage of the queue', async () => {
    expect(await followed(queueOf('running', 'QUEUE_UNAVAILABLE', 'failed'))).toEqual(['running', 'failed']);
  });

  it('gives up on an outage that does not end', async () => {
    await expect(followed(queueOf('running', 'QUEUE_UNAVAILABLE', 'running'), { outageMs: -1 })).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
    });
  });

  it('gives up on a job that is not there', async () => {
    await expect(followed(queueOf('JOB_NOT_FOUND', 'running'))).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  it('stops when nobody wants to know any more', async () => {
    expect(await followed(queueOf('running'), { signal: AbortSignal.abort() })).toEqual([]);
  });
});
