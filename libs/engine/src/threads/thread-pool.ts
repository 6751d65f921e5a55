import { Worker } from 'node:worker_threads';
import { DomainError, type ErrorCode } from '@pawvault/contracts';
import type { TaskMap, TaskName, TaskRunner } from './tasks';

/** What crosses the border to a thread and back. */
export interface TaskRequest {
  id: number;
  name: TaskName;
  input: unknown;
}

/** An error as it crosses the border: a DomainError keeps its code, a failed system call its errno. */
export interface TaskError {
  message: string;
  stack?: string;
  domain?: { code: ErrorCode; details: Record<string, unknown> };
  system?: { code: string; errno: number; path?: string };
}

export type TaskReply = { id: number; output: unknown } | { id: number; error: TaskError };

interface Waiting {
  resolve: (output: never) => void;
  reject: (error: unknown) => void;
}

interface Thread {
  worker: Worker;
  running: Map<number, Waiting>;
}

/** One task runs, one waits in the thread's own queue, so that a thread never idles for the length of a message. */
const TASKS_PER_THREAD = 2;

/**
 * Threads for work on bytes: reading, compressing, inflating, hashing. A thread runs one task at a time, synchronously.
 * A thread that dies fails its tasks and is replaced by the next one that is asked for.
 */
export class ThreadPool implements TaskRunner {
  private readonly threads: Thread[] = [];
  private readonly queue: { request: TaskRequest; transfer: readonly ArrayBuffer[]; waiting: Waiting }[] = [];
  private nextId = 1;
  private closed = false;

  /** @param entry path of the bundled thread program */
  constructor(
    private readonly entry: string,
    readonly size: number,
  ) {}

  run<T extends TaskName>(
    name: T,
    input: TaskMap[T]['input'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<TaskMap[T]['output']> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new Error('the thread pool is closed'));
      this.queue.push({ request: { id: this.nextId++, name, input }, transfer, waiting: { resolve, reject } });
      this.dispatch();
    });
  }

  /** Ends the threads. Every task that has not ended fails, also those that no thread has seen. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { waiting } of this.queue.splice(0)) waiting.reject(new Error('the thread pool is closed'));
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  private dispatch(): void {
    while (this.queue.length > 0) {
      const thread = this.leastBusy();
      if (thread === null) return;
      const next = this.queue.shift();
      if (next === undefined) return;
      thread.running.set(next.request.id, next.waiting);
      thread.worker.ref();
      thread.worker.postMessage(next.request, next.transfer);
    }
  }

  private leastBusy(): Thread | null {
    const idle = this.threads.find((thread) => thread.running.size === 0);
    if (idle !== undefined) return idle;
    if (this.threads.length < this.size) return this.start();
    const [first] = [...this.threads].sort((a, b) => a.running.size - b.running.size);
    return first !== undefined && first.running.size < TASKS_PER_THREAD ? first : null;
  }

  private start(): Thread {
    const thread: Thread = {
      worker: new Worker(this.entry, { resourceLimits: { maxYoungGenerationSizeMb: 8 } }),
      running: new Map(),
    };
    thread.worker.on('message', (reply: TaskReply) => this.settle(thread, reply));
    thread.worker.on('error', (error) => this.lose(thread, error));
    thread.worker.on('exit', () => this.lose(thread, new Error('the thread ended')));
    // An idle pool must not keep the process alive.
    thread.worker.unref();
    this.threads.push(thread);
    return thread;
  }

  private settle(thread: Thread, reply: TaskReply): void {
    const waiting = thread.running.get(reply.id);
    thread.running.delete(reply.id);
    if (thread.running.size === 0) thread.worker.unref();
    if ('error' in reply) waiting?.reject(revive(reply.error));
    else waiting?.resolve(reply.output as never);
    this.dispatch();
  }

  private lose(thread: Thread, error: unknown): void {
    const at = this.threads.indexOf(thread);
    if (at !== -1) this.threads.splice(at, 1);
    for (const waiting of thread.running.values()) waiting.reject(error);
    thread.running.clear();
    if (!this.closed) this.dispatch();
  }
}

function revive({ message, stack, domain, system }: TaskError): Error {
  if (domain !== undefined) return new DomainError(domain.code, message, domain.details);
  return Object.assign(new Error(message), { ...(stack === undefined ? {} : { stack }), ...system });
}
