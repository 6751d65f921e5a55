import { JOB_TYPES } from '@pawvault/contracts';
import type { JobEnd } from '@pawvault/queue';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

const OUTCOMES: readonly JobEnd['outcome'][] = ['completed', 'failed', 'cancelled'];
const JOB_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400];

/** What this process has done since it started, for Prometheus. Rates over all workers are sums of these. */
export class JobMetrics {
  private readonly registry = new Registry();

  private readonly ends = new Counter({
    name: 'pawvault_jobs_total',
    help: 'Jobs that ended, by type and outcome',
    labelNames: ['type', 'outcome', 'code'],
    registers: [this.registry],
  });

  private readonly durations = new Histogram({
    name: 'pawvault_job_duration_seconds',
    help: 'How long jobs ran, by type and outcome',
    labelNames: ['type', 'outcome'],
    buckets: JOB_SECONDS,
    registers: [this.registry],
  });

  private readonly bytes = new Counter({
    name: 'pawvault_job_bytes_total',
    help: 'Bytes of content that completed jobs packed, verified or restored',
    labelNames: ['type'],
    registers: [this.registry],
  });

  private readonly stalls = new Counter({
    name: 'pawvault_jobs_stalled_total',
    help: 'Jobs that were taken over from a worker that died',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    // A series that begins with its first event has no increase there: an alert would miss the first failure.
    for (const type of JOB_TYPES) for (const outcome of OUTCOMES) this.durations.zero({ type, outcome });
  }

  ended({ type, outcome, code, seconds, result }: JobEnd): void {
    this.ends.inc({ type, outcome, code: code ?? '' });
    this.durations.observe({ type, outcome }, seconds);
    const bytes = bytesOf(result);
    if (bytes !== null) this.bytes.inc({ type }, bytes);
  }

  stalled(): void {
    this.stalls.inc();
  }

  /** In the text format of Prometheus. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }
}

const bytesOf = (result: unknown): number | null =>
  typeof result === 'object' && result !== null && 'bytes' in result && typeof result.bytes === 'number'
    ? result.bytes
    : null;
