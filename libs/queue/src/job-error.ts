import { DomainError, isErrorCode, toErrorView } from '@pawvault/contracts';
import type { ErrorView } from '@pawvault/contracts';
import { UnrecoverableError } from 'bullmq';

/**
 * What a failed job leaves behind. Of an error BullMQ keeps the message only, so the message is the JSON of an
 * ErrorView. An expected refusal ends the job; anything else is tried again, and tells Redis nothing of its message.
 */
export function toJobFailure(error: unknown): Error {
  const reason = JSON.stringify(toErrorView(error));
  return error instanceof DomainError ? new UnrecoverableError(reason) : new Error(reason);
}

/** A reason that is not ours is BullMQ's own: the job stalled too often, its worker having died each time. */
export function readJobError(failedReason: string | undefined): ErrorView {
  return parseErrorView(failedReason ?? '') ?? toErrorView(new DomainError('JOB_INTERRUPTED'));
}

function parseErrorView(text: string): ErrorView | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('code' in value) || !isErrorCode(value.code)) return null;
    return value as ErrorView;
  } catch {
    return null;
  }
}
