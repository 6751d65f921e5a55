import type { Redis } from 'ioredis';
import { DomainError, QUEUE_OF } from '@pawvault/contracts';
import type { JobType, QueueName } from '@pawvault/contracts';
import { Queue } from 'bullmq';
import { redisName } from './names';
import type { JobData } from './job-record';
import { CLUSTER_REFUSED, isClusterNode } from './cluster';
import { connectRedis } from './redis-client';

/** A request waits no longer than this for Redis, neither for the connection nor for an answer. */
export const PATIENCE_MS = 2000;

export type BullQueue = Queue<JobData, unknown, JobType>;
export type Queues = Record<QueueName, BullQueue>;

/** The producer's connection: it never keeps a command for later, so nothing hangs and nothing happens after the answer. */
export class ProducerConnection {
  private readonly redis: Redis;
  private opening: Promise<Queues> | null = null;

  constructor(
    redisUrl: string,
    private readonly instanceId: string,
  ) {
    this.redis = connectRedis(redisUrl, {
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      connectTimeout: PATIENCE_MS,
      commandTimeout: PATIENCE_MS,
      retryAfter: (attempt) => Math.min(attempt * 50, 500),
    });
    // Every request reports the outage itself; without a listener ioredis prints each attempt.
    this.redis.on('error', () => undefined);
    // Every request that waits for the connection listens.
    this.redis.setMaxListeners(0);
  }

  /** @throws DomainError QUEUE_UNAVAILABLE, within about two seconds, for whatever Redis does wrong in `use` */
  async use<T>(use: (queues: Queues, redis: Redis) => Promise<T>): Promise<T> {
    try {
      await this.ready();
      return await use(await this.queues(), this.redis);
    } catch (error) {
      if (error instanceof DomainError || error instanceof TypeError) throw error;
      throw new DomainError('QUEUE_UNAVAILABLE', undefined, {}, { cause: error });
    }
  }

  /** @throws DomainError QUEUE_UNAVAILABLE */
  ping(timeoutMs: number): Promise<void> {
    const answer = this.use(async (_queues, redis) => void (await redis.ping()));
    return within(answer, timeoutMs);
  }

  async close(): Promise<void> {
    const queues = await this.opening?.catch(() => null);
    await Promise.all(Object.values(queues ?? {}).map((queue) => queue.close()));
    if (this.redis.status !== 'end') this.redis.disconnect();
  }

  private async ready(): Promise<void> {
    if (this.redis.status === 'ready') return;
    let listener = (): void => undefined;
    const ready = new Promise<void>((resolve) => (listener = resolve));
    this.redis.once('ready', listener);
    try {
      await within(ready, PATIENCE_MS);
    } finally {
      this.redis.off('ready', listener);
    }
  }

  /** Made once Redis answers: a BullMQ queue that is made before that stays broken for ever. */
  private queues(): Promise<Queues> {
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  private async open(): Promise<Queues> {
    if (await isClusterNode(this.redis)) throw new DomainError('QUEUE_UNAVAILABLE', CLUSTER_REFUSED);
    const make = (queue: QueueName): BullQueue => {
      const opened: BullQueue = new Queue(redisName(this.instanceId, queue), {
        connection: this.redis,
        skipWaitingForReady: true,
        skipMetasUpdate: true,
      });
      opened.on('error', () => undefined);
      return opened;
    };
    const queues: Queues = { exclusive: make('exclusive'), parallel: make('parallel') };
    await Promise.all(Object.values(queues).map((queue) => queue.waitUntilReady()));
    return queues;
  }
}

export const queueFor = (queues: Queues, type: JobType): BullQueue => queues[QUEUE_OF[type]];

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DomainError('QUEUE_UNAVAILABLE')), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
