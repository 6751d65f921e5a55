import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogFile } from './log-file';

export interface ProcessSpec {
  /** For people: `worker`, `gateway`. */
  name: string;
  /** Path of the bundled program. */
  program: string;
  env: NodeJS.ProcessEnv;
  execArgv: string[];
  log: LogFile;
}

export interface SupervisorPorts {
  /** It has ended although nobody asked it to, and is started again after the pause. */
  onCrash: (name: string, ending: string, pauseMs: number) => void;
  /** It ended before it was ready for the first time: starting it again would not help. */
  onUnusable: (name: string, ending: string) => void;
}

/** A message of a child that is ready; the gateway says where it listens. */
interface Ready {
  type: 'ready';
  url?: string;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;
/** Who ran this long is taken for healthy again. */
const HEALTHY_MS = 30_000;
/** Longer than a child needs to stop its jobs; behind it, waiting helps nobody. */
const STOP_MS = 15_000;

/** Keeps one program running: starts it again when it dies, with growing pauses, until it is told to stop. */
export class SupervisedProcess {
  private child: ChildProcess | null = null;
  private stopping = false;
  private everReady = false;
  private pauseMs = FIRST_PAUSE_MS;
  private readonly wake = new AbortController();

  constructor(
    private readonly spec: ProcessSpec,
    private readonly ports: SupervisorPorts,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** @returns what the child says when it is ready for the first time */
  start(): Promise<Ready> {
    return new Promise((resolve) => this.launch(resolve));
  }

  /** Ends the child in good order, by force if it does not end in time. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake.abort();
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(force);
  }

  private launch(onReady: (ready: Ready) => void): void {
    const { program, env, execArgv } = this.spec;
    const log = this.spec.log.open();
    // Ctrl-C reaches the whole process group of a terminal; a group of its own lets the parent decide the order.
    const child = fork(program, { env, execArgv, detached: true, stdio: ['ignore', log.fd, log.fd, 'ipc'] });
    log.close();
    const startedAt = performance.now();
    this.child = child;
    child.once('message', (message) => {
      this.everReady = true;
      onReady(message as Ready);
    });
    child.once('exit', (code, signal) => {
      const ending = signal ?? `exit code ${code}`;
      if (performance.now() - startedAt > HEALTHY_MS) this.pauseMs = FIRST_PAUSE_MS;
      void this.ended(ending, onReady);
    });
  }

  private async ended(ending: string, onReady: (ready: Ready) => void): Promise<void> {
    if (this.stopping) return;
    if (!this.everReady) return this.ports.onUnusable(this.spec.name, ending);
    const pauseMs = this.pauseMs;
    this.pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    this.ports.onCrash(this.spec.name, ending, pauseMs);
    await delay(pauseMs, undefined, { signal: this.wake.signal }).catch(() => undefined);
    // `stop` may have been called during the pause.
    if (!this.isStopping()) this.launch(onReady);
  }

  private isStopping(): boolean {
    return this.stopping;
  }
}
