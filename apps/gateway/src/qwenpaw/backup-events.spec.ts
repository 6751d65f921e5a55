import { DomainError, type JobProgress, type JobView, toErrorView } from '@pawvault/contracts';
import { type BackupEvent, backupEvents } from './backup-events';
import { toWireMeta } from './wire-meta';

const PROGRESS: JobProgress = {
  phase: 'packing',
  percent: 0,
  current: null,
  agents_done: 0,
  agents_total: 3,
  files_done: 0,
  files_total: 9,
  bytes_done: 0,
  bytes_total: 9,
  bytes_per_second: 0,
  eta_seconds: null,
};

const JOB = { id: 'j', type: 'backup.create', state: 'queued', progress: null, result: null, error: null } as JobView;

const waiting = (): JobView => JOB;
const at = (percent: number, current: string | null, rest: Partial<JobProgress> = {}): JobView => ({
  ...JOB,
  state: 'running',
  progress: { ...PROGRESS, percent, current, ...rest },
});
const finishing = (percent: number): JobView => at(percent, null, { phase: 'finishing', agents_done: 3 });
const completed = (agents: string[]): JobView =>
  ({ ...JOB, state: 'completed', result: { backup_id: 'b', agents } }) as unknown as JobView;

const META = toWireMeta({
  id: 'b',
  name: 'n',
  description: '',
  created_at: '2026-04-20T09:30:00Z',
  version: '1',
  scope: { include_agents: true, include_global_config: true, include_secrets: false, include_skill_pool: true },
  agent_count: 3,
  qwenpaw_version: '1.1.9',
  system_info: {},
  accepted_via_trust: false,
});

async function told(views: JobView[], agents = ['a', 'b', 'c']): Promise<BackupEvent[]> {
  async function* source(): AsyncGenerator<JobView> {
    for (const view of views) yield await Promise.resolve(view);
  }
  const events: BackupEvent[] = [];
  for await (const event of backupEvents(source(), { agents, metaOf: () => Promise.resolve(META) })) events.push(event);
  return events;
}

const agent = (agent_id: string, index: number, percent: number, total = 3): BackupEvent => ({
  type: 'agent',
  agent_id,
  index,
  total,
  percent,
});
const START: BackupEvent = { type: 'start', total_agents: 3, percent: 0 };
const DONE: BackupEvent = { type: 'done', meta: META, percent: 100 };

describe('the events of a backup', () => {
  it('tell every agent, with whole percents that move, then the saving, then the metadata', async () => {
    const views = [
      waiting(),
      at(3.9, 'secrets'),
      at(10.2, 'a'),
      at(10.9, 'a'),
      at(31, 'a'),
      at(40, 'b', { agents_done: 1 }),
      at(80, 'c', { agents_done: 2 }),
      finishing(99.9),
      completed(['a', 'b', 'c']),
    ];
    expect(await told(views)).toEqual([
      START,
      agent('a', 0, 10),
      agent('a', 0, 31),
      agent('b', 1, 40),
      agent('c', 2, 80),
      { type: 'saving', percent: 99 },
      DONE,
    ]);
  });

  it('name agents that were packed between two looks, in their order', async () => {
    const views = [at(50, 'c', { agents_done: 2 }), finishing(99), completed(['c', 'a', 'b'])];
    expect(await told(views)).toEqual([
      START,
      agent('a', 0, 50),
      agent('b', 1, 50),
      agent('c', 2, 50),
      { type: 'saving', percent: 99 },
      DONE,
    ]);
  });

  it('keep the index of an agent that is done while no other has begun', async () => {
    const views = [at(10, 'a'), at(30, 'a', { agents_done: 1 }), at(90, 'c', { agents_done: 3 }), finishing(99)];
    expect(await told(views)).toEqual([
      START,
      agent('a', 0, 10),
      agent('a', 0, 30),
      agent('b', 1, 90),
      agent('c', 2, 90),
      { type: 'saving', percent: 99 },
    ]);
  });

  it('name all of them of a backup that was over before anybody looked', async () => {
    const events = await told([completed(['b', 'a'])], ['a', 'b']);
    expect(events).toEqual([
      { ...START, total_agents: 2 },
      agent('a', 0, 0, 2),
      agent('b', 1, 0, 2),
      { type: 'saving', percent: 99 },
      DONE,
    ]);
  });

  it('name those that were packed, not those that were expected', async () => {
    const views = [at(60, 'c', { agents_done: 1, agents_total: 2 }), completed(['a', 'c'])];
    expect(await told(views)).toEqual([
      START,
      agent('c', 1, 60, 2),
      agent('a', 0, 60, 2),
      { type: 'saving', percent: 99 },
      DONE,
    ]);
  });

  it('of a backup without agents are start, saving and done', async () => {
    const views = [at(0, 'config.json', { agents_total: 0 }), completed([])];
    expect(await told(views, [])).toEqual([{ ...START, total_agents: 0 }, { type: 'saving', percent: 99 }, DONE]);
  });

  it('never fall back, also when a second worker begins anew', async () => {
    const events = await told([at(70, 'b', { agents_done: 1 }), at(5, 'a'), completed(['a', 'b', 'c'])]);
    const percents = events.map((event) => ('percent' in event ? event.percent : -1));
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  });

  it('end with the reason of a failure', async () => {
    const failed: JobView = { ...JOB, state: 'failed', error: toErrorView(new DomainError('DISK_FULL', 'No space')) };
    expect(await told([failed])).toEqual([START, { type: 'error', message: 'No space' }]);
  });

  it('end with a word of a cancel', async () => {
    const cancelled: JobView = { ...JOB, state: 'cancelled', error: toErrorView(new DomainError('JOB_CANCELLED')) };
    expect(await told([cancelled])).toEqual([START, { type: 'error', message: 'Backup cancelled' }]);
  });

  it('end with an error when nobody can follow the job any more', async () => {
    async function* broken(): AsyncGenerator<JobView> {
      yield await Promise.resolve(at(20, 'a'));
      throw new DomainError('QUEUE_UNAVAILABLE', 'Redis is gone');
    }
    const events: BackupEvent[] = [];
    const options = { agents: ['a', 'b', 'c'], metaOf: () => Promise.resolve(META) };
    for await (const event of backupEvents(broken(), options)) events.push(event);
    expect(events.at(-1)).toEqual({ type: 'error', message: 'Redis is gone' });
  });

  it('end without a last word when nobody listens any more', async () => {
    expect(await told([at(20, 'a')])).toEqual([START, agent('a', 0, 20)]);
  });
});
