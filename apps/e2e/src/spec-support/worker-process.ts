import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { type Ending, neutralEnvironment } from '@pawvault/testing';
import { DIST } from './stack';

const REGISTER = resolve(__dirname, '../../../../tools/ts-register.cjs');
const TERMINATE_AT = resolve(__dirname, 'terminate-at.ts');

/** When a worker is sent SIGTERM: at the n-th call of the file system that fits. */
export interface Moment {
  /** Only calls on this directory and what lies in it count. */
  under: string;
  /** A regular expression for `<function> <path>`, as `promises.rename /…/config.json`. */
  call: string;
  /** From 1. */
  nth: number;
  /** A file that gets a line, the time in milliseconds first, when the signal is sent. */
  report: string;
}

export interface WorkerProcess {
  child: ChildProcess;
  /** Resolves when it takes jobs; rejects with what it said when it ends before. */
  ready: Promise<void>;
  exited: Promise<Ending>;
  output: () => string;
}

/** A worker as it ships. Who starts it ends it. @param moment when it is told to end; never, if not given */
export function startWorker(env: Record<string, string>, moment?: Moment): WorkerProcess {
  const child = fork(resolve(DIST, 'worker/main.js'), {
    env: { ...neutralEnvironment(process.env), ...env, ...(moment ? { TERMINATE_AT: JSON.stringify(moment) } : {}) },
    execArgv: moment ? ['-r', REGISTER, '-r', TERMINATE_AT] : [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited: Promise<Ending> = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const ready = Promise.race([
    once(child, 'message').then(() => undefined),
    exited.then(() => Promise.reject(new Error(`The worker ended: ${said}`))),
  ]);
  ready.catch(() => undefined);
  return { child, ready, exited, output: () => said };
}
