import { Inject, Injectable } from '@nestjs/common';
import type { JobQueue } from '@pawvault/queue';
import type { Store, StoreListing } from '@pawvault/store';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { QUEUE, STORE } from '../services';

const REQUEST_SECONDS = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300];

/**
 * What there is to see from the gateway, for Prometheus: the state of the queue and of the backup directory at the moment of the scrape, and
 * the requests that this process has answered. What jobs did is counted by the workers.
 */
@Injectable()
export class GatewayMetrics {
  private readonly registry = new Registry();

  readonly requests = new Histogram({
    name: 'pawvault_http_request_duration_seconds',
    help: 'Requests by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_SECONDS,
    registers: [this.registry],
  });

  private readonly up = this.gauge('up', 'Whether a part answers: 1 or 0', ['part']);
  private readonly jobs = this.gauge('queue_jobs', 'Jobs in the queues now, by state', ['queue', 'state']);
  private readonly backups = this.gauge(
    'backups',
    'Backups that are listed, by kind and by what their last verification found',
    ['kind', 'verified'],
  );
  private readonly unreadable = this.gauge(
    'backups_unreadable',
    'Archives in the backup directory that cannot be read',
  );
  private readonly archiveBytes = this.gauge('backup_archive_bytes', 'Bytes of all listed archives');
  private readonly newest = this.gauge('last_backup_timestamp_seconds', 'When the newest listed backup was made', [
    'kind',
  ]);
  private readonly free = this.gauge(
    'backup_directory_free_bytes',
    'Bytes that can still be written to the backup directory',
  );

  constructor(
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(STORE) private readonly store: Store,
  ) {
    collectDefaultMetrics({ register: this.registry });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** In the text format of Prometheus. A part that does not answer is shown as down and does not hide the rest. */
  async text(): Promise<string> {
    await Promise.all([this.look('queue', this.lookAtQueue()), this.look('backup_dir', this.lookAtBackups())]);
    return this.registry.metrics();
  }

  private async look(part: string, looked: Promise<void>): Promise<void> {
    const up = await looked.then(
      () => 1,
      () => 0,
    );
    this.up.set({ part }, up);
  }

  private async lookAtQueue(): Promise<void> {
    this.jobs.reset();
    for (const [queue, counts] of Object.entries(await this.queue.counts()))
      for (const [state, count] of Object.entries(counts)) this.jobs.set({ queue, state }, count);
    this.up.set({ part: 'worker' }, (await this.queue.workerAlive()) ? 1 : 0);
  }

  private async lookAtBackups(): Promise<void> {
    const [listing, free] = await Promise.all([this.store.list(), this.store.freeBytes()]);
    this.show(listing);
    this.free.set(free);
  }

  private show({ backups, invalid }: StoreListing): void {
    this.backups.reset();
    this.newest.reset();
    // Newest first: the last to be set of each kind must be the first of the list.
    for (const { kind, verified, created_at } of [...backups].reverse()) {
      this.backups.inc({ kind, verified });
      this.newest.set({ kind }, Date.parse(created_at) / 1000);
    }
    this.unreadable.set(invalid.length);
    this.archiveBytes.set(backups.reduce((sum, { size }) => sum + size, 0));
  }

  private gauge<T extends string>(name: string, help: string, labelNames: T[] = []): Gauge<T> {
    return new Gauge({ name: `pawvault_${name}`, help, labelNames, registers: [this.registry] });
  }
}
