import { DomainError } from '@pawvault/contracts';
import type { JobState, JobType, JobView } from '@pawvault/contracts';
import type { JobType as BullJobType } from 'bullmq';
import type { BullQueue, Queues } from './connection';
import { QUEUE_NAMES } from './names';
import { concerns, hasEnded, toJobView } from './job-view';
import type { BullState } from './job-view';
import type { QueuedJob } from './job-record';

export interface ListQuery {
  /** 1 to 200. */
  limit: number;
  /** `next_cursor` of the page before. */
  cursor?: string | undefined;
  type?: JobType | undefined;
  state?: JobState | undefined;
}

export interface JobPage {
  jobs: JobView[];
  next_cursor: string | null;
}

export interface FoundJob {
  job: QueuedJob;
  state: BullState;
}

/** In the direction that jobs move, so that one that moves while we look is seen twice rather than not at all. */
const PATH: readonly [BullJobType, BullState][] = [
  ['delayed', 'delayed'],
  ['wait', 'waiting'],
  ['active', 'active'],
  ['completed', 'completed'],
  ['failed', 'failed'],
];

/** Every job there is, at most a few hundred of each state: finished ones are bounded, and queued ones are made by hand. */
export async function allJobs(queues: Queues): Promise<FoundJob[]> {
  const found = await Promise.all(QUEUE_NAMES.map((name) => jobsIn(queues[name], PATH)));
  return found.flat();
}

/** Those that have not ended. */
async function unfinishedJobs(queues: Queues): Promise<FoundJob[]> {
  const found = await Promise.all(QUEUE_NAMES.map((name) => jobsIn(queues[name], PATH.slice(0, 3))));
  return found.flat();
}

/** Those that make or use a backup and have not ended. */
export async function jobsUsing(queues: Queues, backupId: string): Promise<JobView[]> {
  const using = (await unfinishedJobs(queues)).filter(({ job }) => concerns(job, backupId));
  return using.map(({ job, state }) => toJobView(job, state)).filter((view) => !hasEnded(view));
}

async function jobsIn(queue: BullQueue, path: readonly [BullJobType, BullState][]): Promise<FoundJob[]> {
  const latest = new Map<string, FoundJob>();
  for (const [place, state] of path) {
    for (const job of await queue.getJobs([place])) latest.set(job.id ?? '', { job, state });
  }
  return [...latest.values()];
}

/** @throws DomainError VALIDATION_FAILED for a cursor that no page gave out */
export function pageOf(found: FoundJob[], { limit, cursor, type, state }: ListQuery): JobPage {
  const after = cursor === undefined ? null : readCursor(cursor);
  const matching = found
    .filter(({ job }) => type === undefined || job.name === type)
    .filter(({ job }) => after === null || compare(positionOf(job), after) > 0)
    .sort((a, b) => compare(positionOf(a.job), positionOf(b.job)))
    .map((each) => ({ ...each, view: toJobView(each.job, each.state) }))
    .filter(({ view }) => state === undefined || view.state === state);
  const page = matching.slice(0, limit);
  const last = page.at(-1);
  return {
    jobs: page.map(({ view }) => view),
    next_cursor: matching.length > limit && last !== undefined ? writeCursor(positionOf(last.job)) : null,
  };
}

/** A place in the list: newest first, then by id. It stays what it is when jobs come and go. */
interface Position {
  at: number;
  id: string;
}

const positionOf = (job: QueuedJob): Position => ({ at: job.timestamp, id: job.id ?? '' });

const compare = (a: Position, b: Position): number => b.at - a.at || (a.id < b.id ? -1 : Number(a.id > b.id));

const writeCursor = ({ at, id }: Position): string => Buffer.from(`${at}.${id}`).toString('base64url');

function readCursor(cursor: string): Position {
  const match = /^(\d{1,16})\.([\w-]{1,64})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (match === null)
    throw new DomainError('VALIDATION_FAILED', 'cursor is not one that this list gave out', { fields: ['cursor'] });
  return { at: Number(match[1]), id: match[2] ?? '' };
}
