import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface StandaloneOptions {
  /** dist/apps/standalone/main.js */
  program: string;
  /** On top of the environment of this process without what configures PawVault or QwenPaw. */
  env: Record<string, string>;
  /** Gives up waiting; the process is ended. */
  signal?: AbortSignal;
}

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Redis, worker and gateway as real processes. */
export interface Standalone {
  url: string;
  pid: number;
  exited: Promise<Ending>;
  /** The end of what it wrote to its standard output and error. */
  output: () => string;
  /** Sends SIGTERM unless told otherwise, and waits for the end. A process that does not end in time is killed. */
  stop: (signal?: NodeJS.Signals) => Promise<Ending>;
}

const START_MS = 60_000;
const STOP_MS = 30_000;
const POLL_MS = 50;
const KEPT_OUTPUT = 64_000;

/**
 * Starts PawVault on a free loopback port and waits until it could take a backup.
 * @throws Error with its output when it ends or is not ready within a minute
 */
export async function startStandalone({ program, env, signal }: StandaloneOptions): Promise<Standalone> {
  const port = await freePort();
  // A group of its own: Ctrl-C in the terminal reaches only this process, which then stops the other in order.
  const child = spawn(process.execPath, [program], {
    env: { ...neutralEnvironment(process.env), ...env, PAWVAULT_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const standalone = supervise(child, `http://127.0.0.1:${port}`);
  try {
    await ready(standalone, { signal, token: env['PAWVAULT_TOKEN'] });
    return standalone;
  } catch (error) {
    await standalone.stop();
    throw error;
  }
}

/** The environment without the variables of PawVault and QwenPaw, so that nobody's real instance is touched. */
export const neutralEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([key]) => !/^((PAWVAULT|QWENPAW|COPAW)_.*|REDIS_URL|NODE_ENV)$/.test(key)),
  );

function supervise(child: ChildProcess, url: string): Standalone {
  let said = '';
  const keep = (chunk: Buffer): void => void (said = (said + chunk.toString()).slice(-KEPT_OUTPUT));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const terminate = (): boolean => child.kill('SIGTERM');
  process.once('exit', terminate);
  const exited = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  }).finally(() => process.off('exit', terminate));
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> => {
    child.kill(signal);
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    return exited.finally(() => clearTimeout(kill));
  };
  return { url, pid: child.pid ?? 0, exited, output: () => said, stop };
}

interface Waiting {
  signal: AbortSignal | undefined;
  token: string | undefined;
}

async function ready({ url, exited, output }: Standalone, { signal, token }: Waiting): Promise<void> {
  let ended = false;
  void exited.finally(() => (ended = true)).catch(() => undefined);
  const deadline = performance.now() + START_MS;
  while (!(await answersReady(url, token))) {
    signal?.throwIfAborted();
    if (ended) throw new Error(`PawVault did not start. It said:\n${output().trim()}`);
    if (performance.now() > deadline) throw new Error(`PawVault was not ready in time. It said:\n${output().trim()}`);
    await delay(POLL_MS);
  }
}

async function answersReady(url: string, token: string | undefined): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, token ? { headers: { authorization: `Bearer ${token}` } } : {});
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** A loopback port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}
