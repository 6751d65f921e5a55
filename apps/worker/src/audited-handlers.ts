import { type AuditEvent, DomainError, type JobType } from '@pawvault/contracts';
import type { Handlers } from '@pawvault/queue';
import type { AuditLog } from '@pawvault/store';
import type { Logger } from 'pino';

/** Questions change nothing, and are asked all the time. */
const QUESTIONS: ReadonlySet<JobType> = new Set(['instance.inspect', 'restore.plan']);

/**
 * The same handlers, whose ends are written down: the gateway has recorded who asked, here stands what came of it. A record that cannot be
 * written fails no job, because the work is done; it is logged.
 */
export function auditedHandlers(handlers: Handlers, { log, logger }: { log: AuditLog; logger: Logger }): Handlers {
  const record = async (event: AuditEvent): Promise<void> => {
    const { seq, hash } = await log.append(event);
    logger.info({ audit: { seq, hash, action: event.action, outcome: event.outcome }, job_id: event.job_id }, 'audit');
  };
  const audited = Object.entries(handlers).map(([type, handle]) => {
    if (QUESTIONS.has(type as JobType)) return [type, handle] as const;
    const run = handle as (payload: object, context: { jobId: string }) => Promise<object>;
    const recording: typeof run = async (payload, context) => {
      const facts = { type, jobId: context.jobId };
      const write = (end: JobEnd): Promise<void> =>
        record(endOf({ ...facts, ...end })).catch((error: unknown) =>
          logger.error({ err: error, job_id: context.jobId }, 'the audit log could not be written'),
        );
      try {
        const result = await run(payload, context);
        await write({ outcome: 'done', code: null, backupId: backupIdOf(result) ?? backupIdOf(payload) });
        return result;
      } catch (error) {
        const code = error instanceof DomainError ? error.code : 'INTERNAL_ERROR';
        await write({ outcome: 'failed', code, backupId: backupIdOf(payload) });
        throw error;
      }
    };
    return [type, recording] as const;
  });
  return Object.fromEntries(audited);
}

interface JobEnd {
  outcome: 'done' | 'failed';
  code: string | null;
  backupId: string | null;
}

const endOf = ({ type, jobId, outcome, code, backupId }: JobEnd & { type: string; jobId: string }): AuditEvent => ({
  action: 'job.end',
  outcome,
  actor: 'worker',
  role: 'worker',
  backup_id: backupId,
  job_id: jobId,
  request_id: null,
  code,
  details: { type },
});

const backupIdOf = (value: object): string | null =>
  'backup_id' in value && typeof value.backup_id === 'string' ? value.backup_id : null;
