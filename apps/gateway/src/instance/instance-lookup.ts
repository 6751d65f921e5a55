import { Inject, Injectable } from '@nestjs/common';
import type { InstanceView } from '@pawvault/contracts';
import type { JobQueue } from '@pawvault/queue';
import { CLOCK, QUEUE } from '../services';

/** A page that is reloaded does not make the worker walk the instance each time. */
const FRESH_MS = 5000;
const PATIENCE_MS = 10_000;

/** Asks the worker for the instance, because the gateway cannot see one. Requests at the same time share one question. */
@Injectable()
export class InstanceLookup {
  private known: { at: number; view: InstanceView } | null = null;
  private asking: Promise<InstanceView> | null = null;

  constructor(
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(CLOCK) private readonly clock: () => Date,
  ) {}

  /** @throws DomainError WORKER_UNAVAILABLE, QUEUE_UNAVAILABLE, and what the worker found wrong with the instance */
  async look({ refresh }: { refresh: boolean }): Promise<InstanceView> {
    const age = this.clock().getTime() - (this.known?.at ?? -Infinity);
    if (!refresh && this.known !== null && age < FRESH_MS) return this.known.view;
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  private async ask(): Promise<InstanceView> {
    const view = await this.queue.ask('instance.inspect', {}, { timeoutMs: PATIENCE_MS });
    this.known = { at: this.clock().getTime(), view };
    return view;
  }
}
