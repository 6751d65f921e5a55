import { parseBytes, parseFlag, parseInteger, parseList, parseLower, parseText } from './parsers';
import type { Parser } from './parsers';

/** One environment variable. `meaning` and `default` are what docs/configuration.md says, word for word. */
export interface Variable<T> {
  meaning: string;
  default: string;
  /** An older name that is read when the variable is not set. */
  fallback?: string;
  parse: Parser<T>;
}

const variable = <T>(parse: Parser<T>, fallbackValue: string, meaning: string): Variable<T> => ({
  meaning,
  default: fallbackValue,
  parse,
});

/** QwenPaw was called CoPaw once, and still reads the old names. */
const shared = (name: string, fallbackValue: string, meaning: string): Variable<string> => ({
  ...variable(parseText, fallbackValue, meaning),
  fallback: `COPAW_${name}`,
});

/** Every variable that PawVault reads, and nothing else. docs/configuration.md is held equal to this table by a test. */
export const VARIABLES = {
  QWENPAW_WORKING_DIR: shared(
    'WORKING_DIR',
    '`~/.copaw` if it exists, else `~/.qwenpaw`',
    'Working directory of the instance',
  ),
  QWENPAW_SECRET_DIR: shared('SECRET_DIR', '`<working directory>.secret`', 'Secret directory of the instance'),
  QWENPAW_BACKUP_DIR: shared('BACKUP_DIR', '`<working directory>.backups`', 'Directory that the archives are kept in'),
  QWENPAW_CONFIG_FILE: shared(
    'CONFIG_FILE',
    '`config.json`',
    'Config file of the instance, within the working directory',
  ),
  QWENPAW_VERSION: shared(
    'VERSION',
    'asked from QwenPaw, else `unknown`',
    'Version of QwenPaw that new backups are marked with',
  ),
  QWENPAW_API_URL: shared('API_URL', 'none', 'Address of the running QwenPaw, to ask its version from'),
  PAWVAULT_INSTANCE_ID: variable(parseText, '`default`', 'Names the instance in queues, locks and state paths'),
  PAWVAULT_HOST: variable(
    parseLower,
    '`127.0.0.1`',
    'Address that the gateway listens on; any but loopback needs `PAWVAULT_TOKEN` or `PAWVAULT_TOKENS`',
  ),
  PAWVAULT_PORT: variable(parseInteger, '`8210`', 'Port of the gateway; `0` takes a free one'),
  PAWVAULT_TOKEN: variable(
    parseText,
    'none',
    'Bearer token that requests must carry, with the role admin; 16 characters or more',
  ),
  PAWVAULT_TOKENS: variable(
    parseList,
    'none',
    'Further tokens as `name:role:sha256`, one per line or separated by commas; `npm run token` makes one',
  ),
  PAWVAULT_RATE_LIMIT: variable(
    parseInteger,
    '`1200`',
    'Requests that one token may send in a minute; one address may send a tenth as many with wrong tokens; `0` sets no limit',
  ),
  PAWVAULT_ALLOWED_HOSTS: variable(
    parseList,
    'none',
    'Further host names that requests may be addressed to, separated by commas',
  ),
  PAWVAULT_STATE_DIR: variable(
    parseText,
    '`$XDG_STATE_HOME/pawvault`, else `~/.local/state/pawvault`',
    'Where PawVault keeps the data of its own Redis',
  ),
  PAWVAULT_WORKER_HOST: variable(
    parseLower,
    '`127.0.0.1`',
    'Address that the worker shows its health and metrics on; they tell nothing about anybody’s data',
  ),
  PAWVAULT_WORKER_PORT: variable(
    parseInteger,
    'none',
    'Port for the health and the metrics of the worker; `0` takes a free one',
  ),
  REDIS_URL: variable(
    parseText,
    'none: PawVault starts its own',
    'Address of a Redis or Valkey to use: `redis://`, `rediss://` with TLS, or `redis+sentinel://`',
  ),
  PAWVAULT_THREADS: variable(parseInteger, 'the number of cores', 'Threads that compress and hash, 1 to 256'),
  PAWVAULT_EXCLUDE: variable(
    parseList,
    'none',
    'Further exclude rules in gitignore syntax, one per line or separated by commas',
  ),
  PAWVAULT_EXCLUDE_DEFAULTS: variable(
    parseFlag,
    '`true`',
    'Whether the default exclude rules (caches, locks, temporary files) apply',
  ),
  PAWVAULT_ONE_FILE_SYSTEM: variable(
    parseFlag,
    '`false`',
    'Whether backups leave out what is mounted inside a workspace or another module',
  ),
  PAWVAULT_FOLLOW_OUTWARD_LINKS: variable(
    parseFlag,
    '`false`',
    'Whether links that lead out of their module are backed up with the content of the file that they lead to',
  ),
  PAWVAULT_SERVE_SECRETS: variable(
    parseFlag,
    '`false`',
    'Whether files of the secrets module may be downloaded one by one',
  ),
  PAWVAULT_LOG_LEVEL: variable(parseLower, '`info`', '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`'),
  PAWVAULT_QUIESCE_COMMAND_BEFORE: variable(
    parseText,
    'none',
    'Shell command that brings QwenPaw to rest before a restore changes anything',
  ),
  PAWVAULT_QUIESCE_COMMAND_AFTER: variable(parseText, 'none', 'Shell command that wakes QwenPaw after a restore'),
  PAWVAULT_QUIESCE_URL_BEFORE: variable(
    parseText,
    'none',
    'Address that gets a POST before a restore changes anything, instead of a command',
  ),
  PAWVAULT_QUIESCE_URL_AFTER: variable(
    parseText,
    'none',
    'Address that gets a POST after a restore, instead of a command',
  ),
  PAWVAULT_QUIESCE_KUBERNETES: variable(
    parseText,
    'none',
    '`deployment/NAME` or `statefulset/NAME` that is scaled to zero before a restore changes anything and back after it',
  ),
  PAWVAULT_QUIESCE_KUBERNETES_NAMESPACE: variable(parseText, "the worker's own", 'Namespace of that workload'),
  PAWVAULT_QUIESCE_KUBERNETES_URL: variable(
    parseText,
    '`https://kubernetes.default.svc`',
    'Address of the API server of Kubernetes',
  ),
  PAWVAULT_QUIESCE_KUBERNETES_CREDENTIALS: variable(
    parseText,
    '`/var/run/secrets/kubernetes.io/serviceaccount`',
    'Directory with `token`, `ca.crt` and `namespace` of a service account',
  ),
  PAWVAULT_QUIESCE_SECONDS: variable(
    parseInteger,
    '`120`',
    'How long QwenPaw may take to come to rest, and again to be woken',
  ),
  PAWVAULT_LIMIT_ENTRIES: variable(parseInteger, '`1000000`', 'Entries of an archive'),
  PAWVAULT_LIMIT_DEPTH: variable(parseInteger, '`64`', 'Components of an entry name'),
  PAWVAULT_LIMIT_PATH_BYTES: variable(parseBytes, '`4096`', 'Length of an entry name'),
  PAWVAULT_LIMIT_META_BYTES: variable(parseBytes, '`1M`', 'Size of `meta.json`'),
  PAWVAULT_LIMIT_MANIFEST_BYTES: variable(parseBytes, '`1G`', 'Size of `manifest.json`'),
  PAWVAULT_LIMIT_DIRECTORY_BYTES: variable(
    parseBytes,
    '`256M`',
    'Size of the zip directory of an archive, which holds all names and is kept in memory while the archive is read',
  ),
  PAWVAULT_LIMIT_FILE_BYTES: variable(parseBytes, '`1T`', 'Inflated size of one entry'),
  PAWVAULT_LIMIT_TOTAL_BYTES: variable(parseBytes, '`4T`', 'Inflated size of all entries'),
  PAWVAULT_LIMIT_UPLOAD_BYTES: variable(parseBytes, '`1T`', 'Size of one upload'),
  NODE_ENV: variable(
    parseText,
    'none',
    '`production` refuses the in-memory Redis that serves where no real one is installed',
  ),
} as const satisfies Record<string, Variable<unknown>>;

export type VariableName = keyof typeof VARIABLES;
export const VARIABLE_NAMES = Object.keys(VARIABLES) as VariableName[];

/** The text of a variable, from its name or its fallback. Empty counts as not set, as compose files write it. */
export function readText(env: NodeJS.ProcessEnv, name: VariableName): string | null {
  const { fallback }: Variable<unknown> = VARIABLES[name];
  const own = env[name];
  if (own !== undefined && own.trim() !== '') return own;
  const old = fallback === undefined ? undefined : env[fallback];
  return old !== undefined && old.trim() !== '' ? old : null;
}
