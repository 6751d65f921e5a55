import { Inject, Injectable } from '@nestjs/common';
import { type AuditAction, type AuditEvent, DomainError } from '@pawvault/contracts';
import type { AuditLog } from '@pawvault/store';
import type { Logger } from 'pino';
import type { Request } from '../http';
import { requestIdOf } from '../requests/request-id';
import { principalOf } from '../security/principal';
import { AUDIT_LOG, LOGGER } from '../services';

export interface AuditFacts {
  request: Request;
  action: AuditAction;
  backupId: string | null;
}

export interface AuditOutcome extends AuditFacts, Pick<AuditEvent, 'outcome' | 'code' | 'details'> {
  jobId: string | null;
}

/** Puts requests into the words of the audit log. */
@Injectable()
export class AuditTrail {
  constructor(
    @Inject(AUDIT_LOG) private readonly log: AuditLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * What cannot be written down is not done. Deleting is: on a full disk nothing else makes room for the log.
   * @throws DomainError DISK_FULL, PERMISSION_DENIED, IO_ERROR
   */
  async before(facts: AuditFacts): Promise<void> {
    const written = this.append({ ...toEvent(facts), outcome: 'requested' });
    await (facts.action === 'backup.delete' ? written.catch((error: unknown) => this.complain(error)) : written);
  }

  /** Behind the action it is too late to refuse: what cannot be written is logged. */
  async after({ outcome, code, jobId, details, ...facts }: AuditOutcome): Promise<void> {
    const event = toEvent(facts);
    const whole = { ...event, outcome, code, job_id: jobId ?? event.job_id, details: { ...event.details, ...details } };
    await this.append(whole).catch((error: unknown) => this.complain(error));
  }

  /** The hash also goes to the log, which lives elsewhere: it proves later that no record was cut off. */
  private async append(event: AuditEvent): Promise<void> {
    const { seq, hash } = await this.log.append(event);
    const audit = { seq, hash, action: event.action, outcome: event.outcome };
    this.logger.info({ audit, request_id: event.request_id }, 'audit');
  }

  private complain(error: unknown): void {
    const reason = error instanceof DomainError ? error.code : String(error);
    this.logger.error({ reason }, 'the audit log could not be written');
  }
}

function toEvent({ request, action, backupId }: AuditFacts): Omit<AuditEvent, 'outcome'> {
  const { name, role } = principalOf(request);
  const concernsJob = action === 'job.cancel';
  return {
    action,
    actor: name,
    role,
    backup_id: concernsJob ? null : backupId,
    job_id: concernsJob ? backupId : null,
    request_id: requestIdOf(request),
    code: null,
    details: { remote: request.socket.remoteAddress ?? null },
  };
}
