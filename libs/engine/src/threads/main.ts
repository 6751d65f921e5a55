/** The program of an engine thread: takes a task, answers with its output, moves buffers instead of copying them. */
import { parentPort } from 'node:worker_threads';
import { DomainError } from '@pawvault/contracts';
import { errnoOf } from '@pawvault/durable-fs';
import { captureSqlite } from '../capture/sqlite-capture';
import { deflateBlock } from '../create/deflate-block';
import { packBatch } from '../create/pack-batch';
import { checkBatch } from '../verify/check-batch';
import type { TaskMap, TaskName } from './tasks';
import type { TaskError, TaskReply, TaskRequest } from './thread-pool';

const tasks: { [T in TaskName]: (input: TaskMap[T]['input']) => TaskMap[T]['output'] } = {
  'pack-batch': packBatch,
  'deflate-block': deflateBlock,
  'capture-sqlite': captureSqlite,
  'check-batch': checkBatch,
};

function answer({ id, name, input }: TaskRequest): TaskReply {
  try {
    return { id, output: tasks[name](input as never) };
  } catch (error) {
    return { id, error: describe(error) };
  }
}

function describe(error: unknown): TaskError {
  if (error instanceof DomainError)
    return { message: error.message, domain: { code: error.code, details: error.details } };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const code = errnoOf(error);
  const { errno = 0, path } = error as NodeJS.ErrnoException;
  const system = code === undefined ? {} : { system: { code, errno, ...(path === undefined ? {} : { path }) } };
  return { message, ...(stack === undefined ? {} : { stack }), ...system };
}

/** The array buffers of the output. Small views into Node's own buffer pool are copied: the pool cannot be given away. */
function transferable(reply: TaskReply): ArrayBuffer[] {
  if (!('output' in reply) || typeof reply.output !== 'object' || reply.output === null) return [];
  const buffers = Object.values(reply.output)
    .filter((value): value is Uint8Array => value instanceof Uint8Array)
    .filter((view) => view.buffer.byteLength !== Buffer.poolSize)
    .map((view) => view.buffer as ArrayBuffer);
  return [...new Set(buffers)];
}

parentPort?.on('message', (request: TaskRequest) => {
  const reply = answer(request);
  parentPort?.postMessage(reply, transferable(reply));
});
