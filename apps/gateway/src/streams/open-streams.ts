import { Injectable, type OnModuleDestroy } from '@nestjs/common';

/** Streams that would never end by themselves: they end when the client leaves and when the gateway shuts down. */
@Injectable()
export class OpenStreams implements OnModuleDestroy {
  private readonly shutdown = new AbortController();

  /** Aborts at either end; to be used for one stream. */
  signalFor(stream: NodeJS.EventEmitter): AbortSignal {
    const left = new AbortController();
    stream.once('close', () => left.abort());
    return AbortSignal.any([left.signal, this.shutdown.signal]);
  }

  onModuleDestroy(): void {
    this.shutdown.abort();
  }
}
