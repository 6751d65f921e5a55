import 'reflect-metadata';
import { DEFAULT_INSTANCE_ID, DomainError } from '@pawvault/contracts';
import { validateSync } from 'class-validator';
import { isIPv4 } from 'node:net';
import { availableParallelism } from 'node:os';
import { type AccessToken, areDistinct, toAccessTokens } from './access-tokens';
import { resolveDirectories, resolveStateDir } from './directories';
import type { Directories } from './directories';
import { Environment } from './environment';
import type { LogLevel } from './environment';
import { type Quiesce, quiesceConflict, toQuiesce } from './quiesce';
import { readText, VARIABLE_NAMES, VARIABLES } from './variables';

/** Bounds on what an archive may claim. Sizes in bytes. */
export interface Limits {
  maxEntries: number;
  maxFileBytes: number;
  maxTotalBytes: number;
  maxPathBytes: number;
  maxDepth: number;
  maxMetaBytes: number;
  /** Of one upload. */
  maxUploadBytes: number;
  maxManifestBytes: number;
  maxDirectoryBytes: number;
}

export interface Config {
  readonly instanceId: string;
  readonly directories: Readonly<Directories>;
  readonly stateDir: string;
  /** null: PawVault brings its own. May hold a password: never log it. */
  readonly redisUrl: string | null;
  readonly host: string;
  readonly port: number;
  /** Empty: whoever reaches the port may do everything, which is why it is on loopback then. */
  readonly accessTokens: readonly Readonly<AccessToken>[];
  /** Requests of one address in a minute; 0: no limit. */
  readonly rateLimit: number;
  /** Lower case; loopback names are allowed without being listed. */
  readonly allowedHosts: readonly string[];
  readonly workerHost: string;
  /** Port of the worker's health and metrics; null: none. */
  readonly workerPort: number | null;
  readonly qwenpawVersion: string | null;
  readonly qwenpawApiUrl: string | null;
  readonly threads: number;
  readonly exclude: Readonly<{ useDefaults: boolean; rules: readonly string[] }>;
  /** What is mounted inside a module is left out of backups. */
  readonly oneFileSystem: boolean;
  /** Links that lead out of their module are backed up with the content of the file that they lead to. */
  readonly followOutwardLinks: boolean;
  readonly serveSecrets: boolean;
  readonly quiesce: Readonly<Quiesce>;
  /** How long bringing QwenPaw to rest may take, and waking it. */
  readonly quiesceMs: number;
  readonly logLevel: LogLevel;
  readonly production: boolean;
  readonly limits: Readonly<Limits>;
}

/**
 * The environment as one frozen value.
 * @throws DomainError CONFIG_INVALID; the message and `details.keys` name every key at fault and no value
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const environment = parse(env);
  refuse([...unknownKeys(env), ...complaints(environment)]);
  refuse([...exposure(environment), ...confusion(environment), ...contradiction(environment)]);
  return freeze(toConfig(environment, env));
}

/** True for names and addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

interface Problem {
  key: string;
  message: string;
}

function parse(env: NodeJS.ProcessEnv): Environment {
  const environment = new Environment();
  environment.PAWVAULT_INSTANCE_ID = DEFAULT_INSTANCE_ID;
  environment.PAWVAULT_THREADS = Math.min(availableParallelism(), 256);
  for (const name of VARIABLE_NAMES) {
    const text = readText(env, name);
    const given = text !== null && !isServiceLink(name, text);
    if (given && name in environment) Object.assign(environment, { [name]: VARIABLES[name].parse(text) });
  }
  environment.PAWVAULT_ALLOWED_HOSTS = environment.PAWVAULT_ALLOWED_HOSTS.map((host) => host.toLowerCase());
  return environment;
}

/** A typo must not silently leave a default in place. */
function unknownKeys(env: NodeJS.ProcessEnv): Problem[] {
  return Object.keys(env)
    .filter(
      (key) => key.startsWith('PAWVAULT_') && !Object.hasOwn(VARIABLES, key) && !isServiceLink(key, env[key] ?? ''),
    )
    .map((key) => ({ key, message: `${key} is not a variable of PawVault` }));
}

/**
 * Kubernetes puts the address of every service into the environment: one that is called `pawvault` yields
 * `PAWVAULT_PORT=tcp://10.0.0.7:8210`, `PAWVAULT_SERVICE_HOST` and more, which are not ours.
 */
function isServiceLink(key: string, text: string): boolean {
  return (
    /_(SERVICE_(HOST|PORT)|PORT_\d+_(TCP|UDP))(_|$)/.test(key) ||
    (key.endsWith('_PORT') && /^(tcp|udp):\/\//.test(text))
  );
}

function complaints(environment: Environment): Problem[] {
  return validateSync(environment, { stopAtFirstError: true }).map(({ property, constraints }) => ({
    key: property,
    message: Object.values(constraints ?? {})[0] ?? `${property} is not valid`,
  }));
}

function exposure({ PAWVAULT_HOST, PAWVAULT_TOKEN, PAWVAULT_TOKENS }: Environment): Problem[] {
  if (isLoopback(PAWVAULT_HOST) || PAWVAULT_TOKEN !== null || PAWVAULT_TOKENS.length > 0) return [];
  const message = 'PAWVAULT_TOKEN or PAWVAULT_TOKENS must be set when PAWVAULT_HOST is not a loopback address';
  return [{ key: 'PAWVAULT_TOKEN', message }];
}

/** The audit log could not tell who it was. */
function confusion({ PAWVAULT_TOKEN, PAWVAULT_TOKENS }: Environment): Problem[] {
  if (areDistinct(toAccessTokens(PAWVAULT_TOKEN, PAWVAULT_TOKENS))) return [];
  const message = 'PAWVAULT_TOKENS must not name a token `admin`, which is PAWVAULT_TOKEN, or hold it once more';
  return [{ key: 'PAWVAULT_TOKENS', message }];
}

const contradiction = (environment: Environment): Problem[] =>
  quiesceConflict(environment).map((key) => ({
    key,
    message: `${key} must not be set together with a quiesce variable of another kind`,
  }));

function refuse(problems: Problem[]): void {
  if (problems.length === 0) return;
  const keys = [...new Set(problems.map(({ key }) => key))];
  throw new DomainError('CONFIG_INVALID', problems.map(({ message }) => message).join('; '), { keys });
}

function toConfig(environment: Environment, env: NodeJS.ProcessEnv): Config {
  return {
    instanceId: environment.PAWVAULT_INSTANCE_ID,
    directories: resolveDirectories(env),
    stateDir: resolveStateDir(env),
    redisUrl: environment.REDIS_URL,
    host: environment.PAWVAULT_HOST,
    port: environment.PAWVAULT_PORT,
    accessTokens: toAccessTokens(environment.PAWVAULT_TOKEN, environment.PAWVAULT_TOKENS),
    rateLimit: environment.PAWVAULT_RATE_LIMIT,
    allowedHosts: environment.PAWVAULT_ALLOWED_HOSTS,
    workerHost: environment.PAWVAULT_WORKER_HOST,
    workerPort: environment.PAWVAULT_WORKER_PORT,
    qwenpawVersion: environment.QWENPAW_VERSION,
    qwenpawApiUrl: environment.QWENPAW_API_URL,
    threads: environment.PAWVAULT_THREADS,
    exclude: { useDefaults: environment.PAWVAULT_EXCLUDE_DEFAULTS, rules: environment.PAWVAULT_EXCLUDE },
    oneFileSystem: environment.PAWVAULT_ONE_FILE_SYSTEM,
    followOutwardLinks: environment.PAWVAULT_FOLLOW_OUTWARD_LINKS,
    serveSecrets: environment.PAWVAULT_SERVE_SECRETS,
    quiesce: toQuiesce(environment),
    quiesceMs: environment.PAWVAULT_QUIESCE_SECONDS * 1000,
    logLevel: environment.PAWVAULT_LOG_LEVEL,
    production: environment.NODE_ENV === 'production',
    limits: toLimits(environment),
  };
}

const toLimits = (environment: Environment): Limits => ({
  maxEntries: environment.PAWVAULT_LIMIT_ENTRIES,
  maxFileBytes: environment.PAWVAULT_LIMIT_FILE_BYTES,
  maxTotalBytes: environment.PAWVAULT_LIMIT_TOTAL_BYTES,
  maxPathBytes: environment.PAWVAULT_LIMIT_PATH_BYTES,
  maxDepth: environment.PAWVAULT_LIMIT_DEPTH,
  maxMetaBytes: environment.PAWVAULT_LIMIT_META_BYTES,
  maxUploadBytes: environment.PAWVAULT_LIMIT_UPLOAD_BYTES,
  maxManifestBytes: environment.PAWVAULT_LIMIT_MANIFEST_BYTES,
  maxDirectoryBytes: environment.PAWVAULT_LIMIT_DIRECTORY_BYTES,
});

function freeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) freeze(part);
  return Object.freeze(value);
}
