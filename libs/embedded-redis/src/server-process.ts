import { DomainError } from '@pawvault/contracts';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stopOrphan } from './orphan';
import { probe } from './probe';
import { recordOf } from './process-record';
import { findProgram } from './server-binary';
import type { ServerBinary } from './server-binary';

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 10;
const PORT_ATTEMPTS = 3;
const KEPT_LOG = 4000;

export interface ServerProcess {
  url: string;
  pid: number;
  /** Resolves when the server ended without being told to. */
  lost: Promise<DomainError>;
  stop: () => Promise<void>;
}

interface Running {
  child: ChildProcessWithoutNullStreams;
  /** Resolves with what the server said last. */
  exited: Promise<string>;
}

/**
 * Runs a private server over the data in `directory`, on a free loopback port, behind a password that only this
 * process knows. The caller holds the lock of the directory.
 * @throws DomainError REDIS_UNAVAILABLE with the last words of the server
 */
export async function startServerProcess(
  binary: ServerBinary,
  directory: string,
  searchPath: string,
): Promise<ServerProcess> {
  const data = join(directory, 'data');
  const pidFile = join(directory, 'server.pid');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await stopOrphan(pidFile);
  const password = randomBytes(24).toString('hex');
  let said = '';
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    const port = await freePort();
    const running = launch(binary, { port, password, data, searchPath });
    const pid = running.child.pid;
    if (pid !== undefined) await writeFile(pidFile, JSON.stringify(await recordOf(pid)), { mode: 0o600 });
    said = await ready(running, port, password);
    if (said === '' && pid !== undefined)
      return supervise(running, pid, pidFile, `redis://:${password}@127.0.0.1:${port}`);
    await rm(pidFile, { force: true });
    if (!/address already in use/i.test(said)) break;
  }
  throw new DomainError('REDIS_UNAVAILABLE', `${binary.kind} did not start: ${lastLine(said)}`, { directory: data });
}

/** The configuration goes through stdin: arguments, and a password among them, can be read by every user of the machine. */
const configuration = (port: number, password: string): string =>
  `bind 127.0.0.1
port ${port}
protected-mode yes
requirepass ${password}
daemonize no
appendonly yes
save ""
maxmemory-policy noeviction
loglevel warning
`;

interface Launch {
  port: number;
  password: string;
  data: string;
  searchPath: string;
}

function launch(binary: ServerBinary, { port, password, data, searchPath }: Launch): Running {
  const [program, ...args] = boundToParent([binary.path, '-'], searchPath);
  // A process group of its own: Ctrl-C in the terminal must reach PawVault, which stops the server last.
  const child = spawn(program, args, { cwd: data, env: { PATH: searchPath, LC_ALL: 'C' }, detached: true });
  let log = '';
  const keep = (chunk: Buffer): void => void (log = (log + chunk.toString()).slice(-KEPT_LOG));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => undefined);
  child.stdin.end(configuration(port, password));
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(log.trim() || `it ended with ${signal ?? `code ${code}`}`));
  });
  return { child, exited };
}

/** On Linux the kernel ends the server when this process dies; elsewhere the next start finds the orphan by its pid file. */
function boundToParent(command: [string, ...string[]], searchPath: string): [string, ...string[]] {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv', searchPath) : null;
  return setpriv === null ? command : [setpriv, '--pdeathsig', 'TERM', '--', ...command];
}

/** Waits for the server to answer; otherwise ends it and returns what it said. */
async function ready({ child, exited }: Running, port: number, password: string): Promise<string> {
  let said: string | null = null;
  void exited.then((log) => (said = log));
  for (let waited = 0; waited < START_TIMEOUT_MS && said === null; waited += POLL_MS) {
    if ((await probe(port, password)) === 'ready') return '';
    await delay(POLL_MS);
  }
  child.kill('SIGKILL');
  return said ?? `it did not answer within ${START_TIMEOUT_MS / 1000} s`;
}

function supervise({ child, exited }: Running, pid: number, pidFile: string, url: string): ServerProcess {
  let stopping = false;
  const terminate = (): boolean => child.kill('SIGTERM');
  process.once('exit', terminate);
  const gone = exited.then(async (said) => {
    process.off('exit', terminate);
    await rm(pidFile, { force: true });
    return said;
  });
  const lost = new Promise<DomainError>((resolve) => {
    void gone.then((said) => {
      if (!stopping)
        resolve(new DomainError('REDIS_UNAVAILABLE', `The embedded Redis ended by itself: ${lastLine(said)}`, { pid }));
    });
  });
  const stop = async (): Promise<void> => {
    stopping = true;
    terminate();
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(kill);
  };
  return { url, pid, lost, stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const lastLine = (log: string): string => log.trim().split('\n').at(-1) ?? '';
