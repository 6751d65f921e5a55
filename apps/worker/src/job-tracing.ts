import { DomainError, JOB_TYPES } from '@pawvault/contracts';
import type { Handlers, JobContext, TakenJob } from '@pawvault/queue';
import { NO_TRACING, type Tracing } from '@pawvault/tracing';

/** Puts a span around every run of a job. Ids and codes are told of it, and no name of a file. */
export const inJobSpan =
  (tracing: Tracing) =>
  <T>({ type, jobId, attempt, traceparent }: TakenJob, run: () => Promise<T>): Promise<T> => {
    const attributes = { 'pawvault.job.type': type, 'pawvault.job.id': jobId, 'pawvault.job.attempt': attempt };
    return tracing.inSpan({ name: `job ${type}`, kind: 'consumer', parent: traceparent, attributes }, async (span) => {
      try {
        const result = await run();
        span.set({ 'pawvault.job.outcome': 'completed' });
        return result;
      } catch (error) {
        const code = error instanceof DomainError ? error.code : 'INTERNAL_ERROR';
        span.set({ 'pawvault.job.outcome': code === 'JOB_CANCELLED' ? 'stopped' : 'failed' });
        if (code !== 'JOB_CANCELLED') span.fail(code);
        throw error;
      }
    });
  };

type AnyHandler = (payload: never, context: JobContext) => Promise<unknown>;

/** Each phase that a job enters becomes an event of its span. */
export function tellPhases(handlers: Handlers, tracing: Tracing): Handlers {
  if (tracing === NO_TRACING) return handlers;
  const telling = (handler: AnyHandler): AnyHandler => {
    return (payload, context) => handler(payload, tellingPhases(context, tracing));
  };
  return Object.fromEntries(JOB_TYPES.map((type) => [type, telling(handlers[type])])) as unknown as Handlers;
}

function tellingPhases(context: JobContext, tracing: Tracing): JobContext {
  let known = '';
  const onProgress: JobContext['onProgress'] = (progress) => {
    if (progress.phase !== known) tracing.event('phase', { 'pawvault.job.phase': progress.phase });
    known = progress.phase;
    context.onProgress(progress);
  };
  return { ...context, onProgress };
}
