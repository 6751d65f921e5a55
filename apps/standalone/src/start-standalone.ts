import { join } from 'node:path';
import type { Config } from '@pawvault/config';
import { lockState, type Notices, type RedisKind, startRedis } from '@pawvault/embedded-redis';
import { logFile } from './log-file';
import { SupervisedProcess } from './supervised-process';

export interface StandalonePorts {
  /** Something the user should read. */
  say: (line: string) => void;
  /** A part cannot run at all; everything is being stopped. */
  onFatal: (reason: string) => void;
}

export interface StandaloneOptions {
  config: Config;
  env: NodeJS.ProcessEnv;
  /** Where the bundles of the apps lie: `<directory>/<app>/main.js`. */
  appsDir: string;
}

export interface RunningStandalone {
  url: string;
  redis: RedisKind;
  /** Gateway first, so that nothing new comes in; then the worker, which gives its jobs back; Redis last. */
  stop(): Promise<void>;
}

/** The worker moves buffers, not objects: a heap that grows in small steps costs it little time and saves half of its memory. */
const WORKER_ARGUMENTS = ['--max-semi-space-size=2', '--heap-growing-percent=30', '--enable-source-maps'];
const GATEWAY_ARGUMENTS = ['--max-semi-space-size=8', '--enable-source-maps'];

/**
 * Starts Redis, worker and gateway and keeps them running.
 * @throws DomainError STATE_DIR_IN_USE, REDIS_UNAVAILABLE; nothing is left running then
 */
export async function startStandalone(options: StandaloneOptions, ports: StandalonePorts): Promise<RunningStandalone> {
  const { config } = options;
  const unlock = await lockState(join(config.stateDir, config.instanceId, 'standalone'));
  const stops: (() => Promise<void>)[] = [unlock];
  const stop = async (): Promise<void> => {
    for (let next = stops.pop(); next !== undefined; next = stops.pop()) await next();
  };
  try {
    const redis = await startRedis({ ...config, logger: notices(ports) });
    stops.push(() => redis.stop());
    void redis.lost.then((error) => ports.onFatal(error.message));
    const env = { ...options.env, REDIS_URL: redis.url };
    const launch = launcher(options, { env, ports, stops });
    await launch('worker', WORKER_ARGUMENTS);
    const { url } = await launch('gateway', GATEWAY_ARGUMENTS);
    return { url: url ?? '', redis: redis.kind, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Launch = (name: string, execArgv: string[]) => Promise<{ url?: string }>;

function launcher(
  options: StandaloneOptions,
  run: { env: NodeJS.ProcessEnv; ports: StandalonePorts; stops: (() => Promise<void>)[] },
): Launch {
  return (name, execArgv) =>
    new Promise((resolve, reject) => {
      const log = logFile(join(options.config.stateDir, options.config.instanceId), name);
      const spec = { name, program: join(options.appsDir, name, 'main.js'), env: run.env, execArgv, log };
      const supervised = new SupervisedProcess(spec, {
        onCrash: (who, ending, pauseMs) =>
          run.ports.say(`The ${who} ended (${ending}); it is started again in ${pauseMs} ms.`),
        onUnusable: (who, ending) =>
          reject(new Error(`The ${who} could not start (${ending}). The end of ${log.path}:\n${log.tail()}`)),
      });
      run.stops.push(() => supervised.stop());
      void supervised.start().then(resolve);
    });
}

const notices = ({ say }: StandalonePorts): Notices => ({ info: () => undefined, warn: say });
