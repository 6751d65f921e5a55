import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { JobQueue } from '@pawvault/queue';
import { QUEUE } from './services';

/** The queue is closed last, when no request can need it any more. */
@Injectable()
export class QueueLifetime implements OnApplicationShutdown {
  constructor(@Inject(QUEUE) private readonly queue: JobQueue) {}

  async onApplicationShutdown(): Promise<void> {
    await this.queue.close();
  }
}
