import type { AuditEvent } from '@pawvault/contracts';
import type { JobEnd } from '@pawvault/queue';
import type { AuditLog } from '@pawvault/store';
import type { Logger } from 'pino';

/** Questions change nothing, and are asked all the time. */
const QUESTIONS: readonly string[] = ['instance.inspect', 'restore.plan'] satisfies JobEnd['type'][];

/**
 * Writes down how a job ended: the gateway has recorded who asked for it. A record that cannot be written fails no job, because the work is
 * done; it is logged.
 */
export async function auditJobEnd(end: JobEnd, { log, logger }: { log: AuditLog; logger: Logger }): Promise<void> {
  if (QUESTIONS.includes(end.type)) return;
  try {
    const { seq, hash, action, outcome } = await log.append(toEvent(end));
    logger.info({ audit: { seq, hash, action, outcome }, job_id: end.jobId }, 'audit');
  } catch (error) {
    logger.error({ err: error, job_id: end.jobId }, 'the audit log could not be written');
  }
}

const toEvent = ({ type, jobId, backupId, outcome, code }: JobEnd): AuditEvent => ({
  action: 'job.end',
  outcome: outcome === 'completed' ? 'done' : 'failed',
  actor: 'worker',
  role: 'worker',
  backup_id: backupId,
  job_id: jobId,
  request_id: null,
  code,
  details: { type },
});
