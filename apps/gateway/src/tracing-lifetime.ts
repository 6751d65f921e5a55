import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Tracing } from '@pawvault/tracing';
import { TRACING } from './services';

/** What was traced and not sent yet goes out with the process. */
@Injectable()
export class TracingLifetime implements OnApplicationShutdown {
  constructor(@Inject(TRACING) private readonly tracing: Tracing) {}

  async onApplicationShutdown(): Promise<void> {
    await this.tracing.close();
  }
}
