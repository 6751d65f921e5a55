import type { RestoreForm } from './restore-form';

/** What was confirmed, by the job that it became, for as long as the page is open. */
const kept = new Map<string, RestoreForm>();

export const keepChoice = (jobId: string, form: RestoreForm): void => void kept.set(jobId, form);

/**
 * The choice that a restore was started with, so that one that did nothing need not be filled in again. Whether the archive is trusted is
 * asked anew: it may be another one by now.
 */
export function choiceOf(jobId: string | null): RestoreForm | null {
  const form = kept.get(jobId ?? '');
  return form === undefined ? null : { ...form, trust: null };
}
