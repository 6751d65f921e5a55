import { DomainError } from '@pawvault/contracts';
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { loadConfig } from './index';

const HOME = '/home/paw';
const TOKEN = 'correct-horse-battery';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const load = (env: NodeJS.ProcessEnv) => loadConfig({ HOME, ...env });

function refusal(env: NodeJS.ProcessEnv): DomainError {
  try {
    load(env);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('loadConfig', () => {
  it('works without any variable', () => {
    const config = load({});
    expect(config).toMatchObject({
      instanceId: 'default',
      host: '127.0.0.1',
      port: 8210,
      accessTokens: [],
      rateLimit: 1200,
      redisUrl: null,
      workerPort: null,
      stateDir: '/home/paw/.local/state/pawvault',
      threads: Math.min(availableParallelism(), 256),
      exclude: { useDefaults: true, rules: [] },
      serveSecrets: false,
      quiesce: { kind: 'none' },
      quiesceMs: 120_000,
      logLevel: 'info',
      production: false,
      limits: {
        maxEntries: 1_000_000,
        maxDepth: 64,
        maxPathBytes: 4096,
        maxMetaBytes: 2 ** 20,
        maxManifestBytes: 2 ** 30,
        maxDirectoryBytes: 2 ** 28,
        maxFileBytes: 2 ** 40,
        maxTotalBytes: 2 ** 42,
        maxUploadBytes: 2 ** 40,
      },
    });
  });

  it('is frozen all the way down', () => {
    const config = load({ PAWVAULT_EXCLUDE: 'a' });
    expect(
      [config, config.directories, config.exclude, config.exclude.rules, config.limits, config.quiesce].every(
        Object.isFrozen,
      ),
    ).toBe(true);
  });

  it('takes every variable', () => {
    const config = load({
      PAWVAULT_INSTANCE_ID: 'home-2',
      PAWVAULT_HOST: '0.0.0.0',
      PAWVAULT_PORT: '0',
      PAWVAULT_TOKEN: TOKEN,
      PAWVAULT_TOKENS: `grafana:viewer:${sha256('one')}, night-job:operator:${sha256('two')}`,
      PAWVAULT_RATE_LIMIT: '60',
      PAWVAULT_ALLOWED_HOSTS: 'Paw.example, 10.0.0.1',
      PAWVAULT_STATE_DIR: '~/state',
      PAWVAULT_WORKER_HOST: '0.0.0.0',
      PAWVAULT_WORKER_PORT: '9000',
      REDIS_URL: 'redis://:pw@redis:6379/1',
      PAWVAULT_THREADS: '3',
      PAWVAULT_EXCLUDE: 'node_modules/\n*.mp4\n',
      PAWVAULT_EXCLUDE_DEFAULTS: 'off',
      PAWVAULT_SERVE_SECRETS: 'TRUE',
      PAWVAULT_LOG_LEVEL: 'Debug',
      PAWVAULT_LIMIT_ENTRIES: '10',
      PAWVAULT_LIMIT_FILE_BYTES: '20M',
      QWENPAW_VERSION: '1.1.9',
      COPAW_API_URL: 'http://localhost:8088',
      NODE_ENV: 'production',
    });
    expect(config).toMatchObject({
      instanceId: 'home-2',
      host: '0.0.0.0',
      port: 0,
      accessTokens: [
        { name: 'admin', role: 'admin', sha256: sha256(TOKEN) },
        { name: 'grafana', role: 'viewer', sha256: sha256('one') },
        { name: 'night-job', role: 'operator', sha256: sha256('two') },
      ],
      rateLimit: 60,
      allowedHosts: ['paw.example', '10.0.0.1'],
      stateDir: '/home/paw/state',
      workerHost: '0.0.0.0',
      workerPort: 9000,
      redisUrl: 'redis://:pw@redis:6379/1',
      threads: 3,
      exclude: { useDefaults: false, rules: ['node_modules/', '*.mp4'] },
      serveSecrets: true,
      logLevel: 'debug',
      qwenpawVersion: '1.1.9',
      qwenpawApiUrl: 'http://localhost:8088',
      production: true,
    });
    expect(config.limits).toMatchObject({ maxEntries: 10, maxFileBytes: 20 * 2 ** 20 });
  });

  it('counts an empty variable as not set', () => {
    expect(load({ PAWVAULT_TOKEN: '', PAWVAULT_PORT: ' ' })).toMatchObject({ accessTokens: [], port: 8210 });
  });

  it.each([
    ['a second admin of the same name', `admin:viewer:${sha256('two')}`],
    ['the same token in another role', `other:viewer:${sha256('a-token-of-thirty-two-characters')}`],
  ])('refuses %s beside PAWVAULT_TOKEN', (_what, PAWVAULT_TOKENS) => {
    const error = refusal({ PAWVAULT_TOKEN: 'a-token-of-thirty-two-characters', PAWVAULT_TOKENS });
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', details: { keys: ['PAWVAULT_TOKENS'] } });
  });

  it.each([
    ['PAWVAULT_INSTANCE_ID', 'Big One'],
    ['PAWVAULT_HOST', 'not a host'],
    ['PAWVAULT_PORT', '65536'],
    ['PAWVAULT_PORT', '80a'],
    ['PAWVAULT_TOKEN', 'tooshort'],
    ['PAWVAULT_TOKENS', 'grafana:viewer'],
    ['PAWVAULT_TOKENS', `grafana:root:${sha256('one')}`],
    ['PAWVAULT_TOKENS', `a:viewer:${sha256('one')},a:admin:${sha256('two')}`],
    ['PAWVAULT_TOKENS', `a:viewer:${sha256('one')},b:admin:${sha256('one')}`],
    ['PAWVAULT_RATE_LIMIT', '-1'],
    ['PAWVAULT_ALLOWED_HOSTS', 'http://paw.example'],
    ['PAWVAULT_WORKER_PORT', '-1'],
    ['REDIS_URL', 'localhost:6379'],
    ['PAWVAULT_THREADS', '0'],
    ['PAWVAULT_THREADS', '1.5'],
    ['PAWVAULT_EXCLUDE_DEFAULTS', 'perhaps'],
    ['PAWVAULT_SERVE_SECRETS', '2'],
    ['PAWVAULT_LOG_LEVEL', 'loud'],
    ['PAWVAULT_LIMIT_ENTRIES', '0'],
    ['PAWVAULT_LIMIT_DEPTH', 'deep'],
    ['PAWVAULT_LIMIT_META_BYTES', '3X'],
    ['PAWVAULT_LIMIT_TOTAL_BYTES', '9999999999T'],
    ['PAWVAULT_STATE_DIR', '~other/state'],
    ['QWENPAW_WORKING_DIR', '~other/paw'],
    ['QWENPAW_VERSION', '1 .0'],
    ['QWENPAW_API_URL', 'ftp://localhost'],
    ['PAWVAULT_QUIESCE_COMMAND_BEFORE', 'x'.repeat(4097)],
    ['PAWVAULT_QUIESCE_COMMAND_AFTER', 'pkill\0paw'],
    ['PAWVAULT_QUIESCE_URL_BEFORE', 'localhost:8088/rest'],
    ['PAWVAULT_QUIESCE_URL_AFTER', 'file:///etc/passwd'],
    ['PAWVAULT_PROT', '12345'],
  ])('refuses %s=%s by its key alone', (key, value) => {
    const error = refusal({ [key]: value });
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.details).toEqual({ keys: [key] });
    expect(error.message).toContain(key);
    expect(error.message).not.toContain(value);
  });

  it.each([
    [
      'commands',
      { PAWVAULT_QUIESCE_COMMAND_BEFORE: 'paw stop', PAWVAULT_QUIESCE_COMMAND_AFTER: 'paw start' },
      { kind: 'command', before: 'paw stop', after: 'paw start' },
    ],
    [
      'one command',
      { PAWVAULT_QUIESCE_COMMAND_AFTER: 'paw start' },
      { kind: 'command', before: null, after: 'paw start' },
    ],
    [
      'an address',
      { PAWVAULT_QUIESCE_URL_BEFORE: 'http://localhost:8088/rest' },
      { kind: 'http', before: 'http://localhost:8088/rest', after: null },
    ],
    [
      'scaling a workload of Kubernetes',
      { PAWVAULT_QUIESCE_KUBERNETES: 'statefulset/qwenpaw', PAWVAULT_QUIESCE_KUBERNETES_NAMESPACE: 'paws' },
      {
        kind: 'kubernetes',
        workload: { kind: 'statefulset', name: 'qwenpaw', namespace: 'paws' },
        apiUrl: 'https://kubernetes.default.svc',
        credentialsDir: '/var/run/secrets/kubernetes.io/serviceaccount',
      },
    ],
  ])('brings QwenPaw to rest by %s', (_case, env, quiesce) => {
    expect(load(env).quiesce).toEqual(quiesce);
  });

  it('refuses to bring QwenPaw to rest in two ways', () => {
    const env = { PAWVAULT_QUIESCE_COMMAND_BEFORE: 'paw stop', PAWVAULT_QUIESCE_URL_AFTER: 'http://localhost/wake' };
    const error = refusal(env);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', details: { keys: Object.keys(env) } });
    expect(error.message).not.toMatch(/paw stop|localhost/);
  });

  it.each([
    ['PAWVAULT_QUIESCE_KUBERNETES', 'daemonset/qwenpaw'],
    ['PAWVAULT_QUIESCE_KUBERNETES', 'deployment/../secrets'],
    ['PAWVAULT_QUIESCE_KUBERNETES_NAMESPACE', 'a/b'],
    ['PAWVAULT_QUIESCE_KUBERNETES_URL', 'http://10.0.0.1'],
    ['PAWVAULT_QUIESCE_KUBERNETES_CREDENTIALS', 'here'],
    ['PAWVAULT_QUIESCE_SECONDS', '0'],
  ])('refuses %s=%s', (key, value) => {
    expect(refusal({ [key]: value }).details).toEqual({ keys: [key] });
  });

  it('names all keys at fault at once', () => {
    expect(refusal({ PAWVAULT_PORT: 'x', PAWVAULT_THREADS: 'y' }).details).toEqual({
      keys: ['PAWVAULT_PORT', 'PAWVAULT_THREADS'],
    });
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'paw.example'])('refuses to listen on %s without a token', (host) => {
    expect(refusal({ PAWVAULT_HOST: host }).details).toEqual({ keys: ['PAWVAULT_TOKEN'] });
    expect(load({ PAWVAULT_HOST: host, PAWVAULT_TOKEN: TOKEN }).host).toBe(host);
    expect(load({ PAWVAULT_HOST: host, PAWVAULT_TOKENS: `a:admin:${sha256('one')}` }).host).toBe(host);
  });

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost', 'LOCALHOST'])('listens on %s without a token', (host) => {
    expect(load({ PAWVAULT_HOST: host }).accessTokens).toEqual([]);
  });

  it('does not mistake the service links of Kubernetes for its own variables', () => {
    const links = {
      PAWVAULT_PORT: 'tcp://10.0.0.7:8210',
      PAWVAULT_PORT_8210_TCP: 'tcp://10.0.0.7:8210',
      PAWVAULT_PORT_8210_TCP_ADDR: '10.0.0.7',
      PAWVAULT_SERVICE_HOST: '10.0.0.7',
      PAWVAULT_SERVICE_PORT: '8210',
      PAWVAULT_SERVICE_PORT_HTTP: '8210',
      PAWVAULT_REDIS_PORT: 'tcp://10.0.0.8:6379',
    };
    expect(load(links).port).toBe(8210);
  });
});
