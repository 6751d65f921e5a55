import { QUEUE_OF } from '@pawvault/contracts';
import type { JobType, QueueName } from '@pawvault/contracts';
import { randomUUID } from 'node:crypto';

export const QUEUE_NAMES: readonly QueueName[] = ['exclusive', 'parallel'];

const LETTER = { exclusive: 'e', parallel: 'p' } as const satisfies Record<QueueName, string>;
const ID = /^([ep])-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The name of a queue in Redis. Instance ids hold no `:`, which BullMQ forbids. */
export const redisName = (instanceId: string, queue: QueueName): string => `pawvault-${instanceId}-${queue}`;

/** A sorted set: the workers of an instance, scored by their last sign of life in milliseconds of the server's clock. */
export const heartbeatKey = (instanceId: string): string => `pawvault-${instanceId}-workers`;

/** Says in which queue the job is, so that one look finds it. BullMQ takes no integers and no `:` for ids. */
export const newJobId = (type: JobType): string => `${LETTER[QUEUE_OF[type]]}-${randomUUID()}`;

/** null for what was never an id of a job. */
export function queueOfId(id: string): QueueName | null {
  const letter = ID.exec(id)?.[1];
  return QUEUE_NAMES.find((queue) => LETTER[queue] === letter) ?? null;
}
