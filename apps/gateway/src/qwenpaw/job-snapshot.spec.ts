import type { JobProgress, JobView } from '@pawvault/contracts';
import { jobSnapshot } from './job-snapshot';

const NOW = new Date('2026-04-20T09:31:00Z');
const PROGRESS: JobProgress = {
  phase: 'packing',
  percent: 41.7,
  current: 'writer',
  agents_done: 1,
  agents_total: 2,
  files_done: 1,
  files_total: 9,
  bytes_done: 1,
  bytes_total: 9,
  bytes_per_second: 1,
  eta_seconds: 8,
};
const JOB: JobView = {
  id: 'j',
  type: 'backup.create',
  state: 'running',
  created_at: '2026-04-20T09:30:00.000Z',
  started_at: '2026-04-20T09:30:01.000Z',
  finished_at: null,
  progress: PROGRESS,
  result: null,
  error: null,
  warnings: [],
  backup_id: null,
};

const snapshotOf = (job: Partial<JobView>) => jobSnapshot({ ...JOB, ...job }, { at: NOW, meta: null });
const during = (progress: Partial<JobProgress>) => snapshotOf({ progress: { ...PROGRESS, ...progress } });

describe('the snapshot of a backup job', () => {
  it('has every field that the console of QwenPaw knows', () => {
    expect(snapshotOf({})).toEqual({
      job_id: 'j',
      backup_id: '',
      status: 'running',
      phase: 'agents',
      percent: 41,
      current_agent: 'writer',
      agent_index: 1,
      total_agents: 2,
      created_at: '2026-04-20T09:30:00.000Z',
      updated_at: '2026-04-20T09:31:00.000Z',
      finished_at: null,
      result: null,
      error: null,
    });
  });

  it('is preparing until the worker has packed something', () => {
    const fresh = { phase: 'preparing', percent: 0, current_agent: null, agent_index: 0, total_agents: 0 };
    expect(snapshotOf({ state: 'queued', progress: null })).toMatchObject({ ...fresh, status: 'pending' });
    expect(during({ phase: 'starting', current: null, agents_done: 0 })).toMatchObject({ phase: 'preparing' });
  });

  it('names no agent while a module is packed', () => {
    expect(during({ current: 'skill_pool', agents_done: 0 })).toMatchObject({ phase: 'agents', current_agent: null });
  });

  it('is finalizing at the end, and does not count further than there are agents', () => {
    expect(during({ phase: 'finishing', current: null, agents_done: 2 })).toMatchObject({
      phase: 'finalizing',
      current_agent: null,
      agent_index: 1,
    });
  });

  it('tells how the job has ended', () => {
    const finished_at = '2026-04-20T09:30:40.000Z';
    expect(snapshotOf({ state: 'completed', finished_at, backup_id: 'b' })).toMatchObject({
      status: 'completed',
      phase: 'finalizing',
      percent: 100,
      backup_id: 'b',
      updated_at: finished_at,
      finished_at,
      error: null,
    });
    const error = { code: 'DISK_FULL' as const, message: 'No space', details: {} };
    expect(snapshotOf({ state: 'failed', finished_at, error })).toMatchObject({ status: 'failed', error: 'No space' });
    const cancel = { code: 'JOB_CANCELLED' as const, message: 'x', details: {} };
    expect(snapshotOf({ state: 'cancelled', finished_at, error: cancel })).toMatchObject({
      status: 'cancelled',
      error: null,
    });
  });
});
