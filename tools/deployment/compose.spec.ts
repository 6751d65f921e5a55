import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';

const ROOT = resolve(__dirname, '../..');
const textOf = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8');

interface Service {
  image: string;
  user: string;
  environment?: Record<string, string>;
  volumes: string[];
  ports?: string[];
  networks: string[];
  stop_grace_period?: string;
  [key: string]: unknown;
}

const compose = parse(textOf('docker-compose.yml'), { merge: true }) as {
  services: Record<'redis' | 'gateway' | 'worker', Service>;
  volumes: Record<string, { external?: boolean; name?: string } | null>;
  networks: Record<string, { internal?: boolean }>;
};
const { redis, gateway, worker } = compose.services;

it('mounts the volumes of QwenPaw by their names, at the paths that QwenPaw has them', () => {
  expect(compose.volumes).toMatchObject({
    data: { external: true, name: '${QWENPAW_DATA_VOLUME:-qwenpaw-data}' },
    secrets: { external: true, name: '${QWENPAW_SECRETS_VOLUME:-qwenpaw-secrets}' },
    backups: { external: true, name: '${QWENPAW_BACKUPS_VOLUME:-qwenpaw-backups}' },
  });
  expect(worker.volumes).toEqual(['data:/app/working', 'secrets:/app/working.secret', 'backups:/app/working.backups']);
});

it('gives the gateway the archives and nothing else of the instance', () => {
  expect(gateway.volumes).toEqual(['backups:/app/working.backups']);
});

it('is reachable from this machine only, and Redis from nowhere', () => {
  expect(gateway.ports).toEqual(['127.0.0.1:${PAWVAULT_PUBLISHED_PORT:-8210}:8210']);
  expect([redis.ports, worker.ports]).toEqual([undefined, undefined]);
  expect(compose.networks).toEqual({ queue: { internal: true } });
  expect(redis.networks).toEqual(['queue']);
});

it.each(Object.entries(compose.services))('%s has no rights that it does not need', (_name, service) => {
  expect(service).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    restart: 'unless-stopped',
  });
  expect(service.user).toBeDefined();
  expect(service.image).toMatch(/:\d+\.\d+\.\d+(-[a-z]+)?$/);
});

it('keeps the jobs of Redis', () => {
  expect((redis['command'] as string[]).join(' ')).toMatch(/--appendonly yes .*--maxmemory-policy noeviction/);
  expect(redis.volumes).toEqual(['redis:/data']);
});

it('does not start without a token, and names none', () => {
  expect(gateway.environment?.['PAWVAULT_TOKEN']).toMatch(/^\$\{PAWVAULT_TOKEN:\?/);
});

it('gives a worker longer to end than a commit takes', () => {
  expect(worker.stop_grace_period).toBe('120s');
});

it('sets no variable that PawVault does not know', () => {
  const given = [gateway, worker].flatMap(({ environment = {} }) => Object.keys(environment));
  const configuration = textOf('docs/configuration.md');
  expect(given.filter((name) => !configuration.includes(`\`${name}\``))).toEqual([]);
});

it('documents every variable that it is made of', () => {
  const asked = [...textOf('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1] ?? '');
  const operations = textOf('docs/operations.md');
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((name) => !operations.includes(`\`${name}\``))).toEqual([]);
});

describe('the images', () => {
  const dockerfile = textOf('Dockerfile');
  const { version } = JSON.parse(textOf('package.json')) as { version: string };

  it('are those that Compose and Kubernetes run', () => {
    expect([gateway.image, worker.image]).toEqual([`pawvault-gateway:${version}`, `pawvault-worker:${version}`]);
    for (const name of ['gateway', 'worker'])
      expect(textOf(`k8s/base/${name}.yaml`)).toContain(`image: pawvault-${name}:${version}\n`);
    for (const target of ['gateway', 'worker']) expect(dockerfile).toContain(`FROM runtime AS ${target}`);
  });

  it('run as nobody in particular, under an init, and tell how they are', () => {
    expect(dockerfile).toMatch(/^USER 1000:1000$/m);
    expect(dockerfile).toMatch(/^ENTRYPOINT \["tini", "--"\]$/m);
    expect(dockerfile.match(/^HEALTHCHECK /gm)).toHaveLength(2);
  });

  it('are built from the lock file, without what only development needs', () => {
    expect(dockerfile).toMatch(/^RUN npm ci$/m);
    expect(dockerfile).toContain('npm prune --omit=dev');
    expect(textOf('.dockerignore')).toMatch(/^\*$/m);
  });
});
