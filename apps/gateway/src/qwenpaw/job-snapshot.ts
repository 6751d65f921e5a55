import type { JobProgress, JobState, JobView } from '@pawvault/contracts';
import { failureOf } from './backup-events';
import { agentIndex, isFinishing, packedAgent, wholePercent } from './backup-progress';
import type { WireMeta } from './wire-meta';

export type SnapshotStatus = 'pending' | 'running' | 'cancel_requested' | 'completed' | 'failed' | 'cancelled';
export type SnapshotPhase = 'preparing' | 'agents' | 'finalizing';

/** A backup job as newer versions of QwenPaw show it. */
export interface JobSnapshot {
  job_id: string;
  /** Empty until the backup is there: the worker finds out the version that is part of its id. */
  backup_id: string;
  status: SnapshotStatus;
  phase: SnapshotPhase;
  percent: number;
  current_agent: string | null;
  /** Counts from 0. */
  agent_index: number;
  total_agents: number;
  created_at: string;
  updated_at: string;
  finished_at: string | null;
  result: WireMeta | null;
  error: string | null;
}

export interface SnapshotFacts {
  at: Date;
  /** Of a completed job; null when its backup has been deleted since. */
  meta: WireMeta | null;
}

export function jobSnapshot(job: JobView, { at, meta }: SnapshotFacts): JobSnapshot {
  const { progress } = job;
  return {
    job_id: job.id,
    backup_id: job.backup_id ?? '',
    status: STATUS_OF[job.state],
    phase: job.state === 'completed' ? 'finalizing' : phaseOf(progress),
    percent: job.state === 'completed' ? 100 : progress === null ? 0 : wholePercent(progress),
    current_agent: progress === null ? null : packedAgent(progress),
    agent_index: progress === null ? 0 : agentIndex(progress),
    total_agents: progress?.agents_total ?? 0,
    created_at: job.created_at,
    updated_at: job.finished_at ?? at.toISOString(),
    finished_at: job.finished_at,
    result: meta,
    error: job.state === 'failed' ? failureOf(job) : null,
  };
}

const STATUS_OF: Record<JobState, SnapshotStatus> = {
  queued: 'pending',
  running: 'running',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

function phaseOf(progress: JobProgress | null): SnapshotPhase {
  if (progress === null || progress.phase === 'starting') return 'preparing';
  return isFinishing(progress) ? 'finalizing' : 'agents';
}
