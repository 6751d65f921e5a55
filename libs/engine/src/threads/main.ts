/** The program of an engine thread: takes a task, answers with its output, moves buffers instead of copying them. */
import { parentPort } from 'node:worker_threads';
import { DomainError } from '@pawvault/contracts';
import { errnoOf, knownPath } from '@pawvault/durable-fs';
import { TASKS } from './task-table';
import type { TaskError, TaskReply, TaskRequest } from './thread-pool';

function answer({ id, name, input }: TaskRequest): TaskReply {
  try {
    return { id, output: TASKS[name](input as never) };
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
  const system =
    code === undefined ? {} : { system: { code, errno, ...(path === undefined ? {} : { path: knownPath(path) }) } };
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
