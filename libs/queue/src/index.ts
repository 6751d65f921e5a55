/**
 * Jobs between the processes of PawVault: typed, validated at both ends, visible while they run, and cancellable.
 *
 * Promise: a job that was added runs, through restarts of everything, until it completes, fails with a code or is
 * cancelled. Of the exclusive queue one job runs at a time over all workers. What is not reachable is refused in about
 * two seconds; nothing hangs.
 * Not promised: that a job runs once. It is delivered *at least* once: a worker that dies, freezes or loses Redis for
 * longer than its lock is taken for dead, and its job runs again elsewhere. Handlers must make that harmless.
 * Nor is Redis the truth about anything but jobs; it may be lost without harm to a backup.
 * Invariant: no payload, error or progress carries a secret, and no message of an unexpected error leaves the worker's log.
 */
export { openJobQueue } from './job-queue';
export type { JobQueue, JobQueueOptions, WaitOptions } from './job-queue';
export type { JobPage, ListQuery } from './list-jobs';
export { hasEnded } from './job-view';
export { newJobId } from './names';
export { runWorkers, startWorkers } from './run-workers';
export type { RunningWorkers, RunWorkersOptions, StartingWorkers } from './run-workers';
export type { JobEnd, JobObserver, TakenJob } from './job-observer';
export { describeRedis, parseRedisUrl } from './redis-address';
export type { Handlers, JobContext } from './job-context';
export type { QueueLogger } from './logger';
export type { QueueTiming } from './timing';
export { validatePayload } from './validate-payload';
