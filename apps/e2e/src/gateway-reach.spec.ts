import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ImportView, JobView } from '@pawvault/contracts';
import { httpClient, neutralEnvironment, tempDir } from '@pawvault/testing';
import { RedisServer } from './spec-support/redis-server';
import { restorableInstance, type RestorableInstance } from './spec-support/restorable-instance';
import { DIST } from './spec-support/stack';
import { until } from './spec-support/until';
import { startWorker } from './spec-support/worker-process';

const REGISTER = resolve(__dirname, '../../../tools/ts-register.cjs');
const NOTE_CALLS = resolve(__dirname, 'spec-support/note-calls.ts');
/** In the secret directory, and nowhere else. */
const SECRETS = ['canary-of-the-master-key', 'canary-of-the-provider'];
const TOKEN = 'canary-of-the-access-token';

interface Tour {
  /** Calls of the gateway on the file system, by path. */
  calls: string[];
  /** Whatever the two processes wrote to their logs, what Redis wrote down, and the metrics of both. */
  told: string;
}

/** Everything that the gateway does, in a process of its own beside a real worker. */
async function tour(place: RestorableInstance): Promise<Tour> {
  const notes = join(tempDir('notes'), 'calls');
  writeFileSync(notes, '');
  const redis = await RedisServer.start();
  const env = { ...place.env, REDIS_URL: redis.url };
  const worker = startWorker({ ...env, PAWVAULT_WORKER_PORT: '0' });
  const own = { PAWVAULT_PORT: '0', PAWVAULT_TOKEN: TOKEN, NOTE_UNDER: place.root, NOTE_CALLS: notes };
  const gateway = fork(resolve(DIST, 'gateway/main.js'), {
    env: { ...neutralEnvironment(process.env), ...env, ...own, PAWVAULT_SERVE_SECRETS: 'true' },
    execArgv: ['-r', REGISTER, '-r', NOTE_CALLS],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  for (const stream of [gateway.stdout, gateway.stderr]) stream?.on('data', (chunk: Buffer) => (said += String(chunk)));
  const exited = once(gateway, 'exit');
  try {
    const [{ url }] = (await once(gateway, 'message')) as [{ url: string }];
    await worker.ready;
    const figures = await useEverything(url);
    const health = /"health":"(http:[^"]+)"/.exec(worker.output())?.[1] ?? '';
    const metrics = figures + (await (await fetch(`${health}/metrics`)).text());
    return {
      calls: readFileSync(notes, 'utf8').trim().split('\n'),
      told: said + worker.output() + redis.written() + metrics,
    };
  } finally {
    gateway.kill('SIGTERM');
    worker.child.kill('SIGTERM');
    await Promise.all([exited, worker.exited]);
    await redis.kill();
  }
}

/** @returns the metrics of the gateway */
async function useEverything(url: string): Promise<string> {
  const { fetch: open } = httpClient(url);
  const ask = async (path: string, body?: object | Buffer): Promise<Response> => {
    const isBytes = Buffer.isBuffer(body);
    const type = isBytes ? 'application/zip' : 'application/json';
    const content =
      body === undefined ? {} : { method: 'POST', body: isBytes ? new Uint8Array(body) : JSON.stringify(body) };
    const response = await open(path, {
      ...content,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': type },
    });
    expect([path, response.ok]).toEqual([path, true]);
    return response;
  };
  const json = async <T>(path: string, body?: object | Buffer): Promise<T> =>
    (await ask(path, body)).json() as Promise<T>;
  const done = async <T extends JobView>({ id }: T): Promise<T> => {
    let job = await json<T>(`/api/v1/jobs/${id}`);
    await until('the job ends', async () => (job = await json<T>(`/api/v1/jobs/${id}`)).finished_at !== null, 30_000);
    expect(job).toMatchObject({ state: 'completed' });
    return job;
  };
  const { result } = await done(
    await json<JobView<'backup.create'>>('/api/v1/backups', { name: 'Tour', mode: 'full' }),
  );
  const backup = `/api/v1/backups/${result?.backup_id}`;
  for (const path of [
    '/api/v1/instance',
    '/api/v1/backups',
    backup,
    `${backup}/files`,
    '/api/backups',
    '/api/agents',
    '/api/v1/audit',
  ])
    await json(path);
  await (await ask(`${backup}/files/data/secrets/providers/openai.json`)).arrayBuffer();
  const archive = Buffer.from(await (await ask(`${backup}/archive`)).arrayBuffer());
  await json(`${backup}/restore-plan`, { mode: 'full' });
  await done(await json<JobView>(`${backup}/restores`, { mode: 'full', confirm: true }));
  await done(await json<JobView>(`${backup}/verify`, {}));
  const { job_id } = await json<ImportView>('/api/v1/imports', archive);
  await done(await json<JobView>(`/api/v1/jobs/${job_id}`));
  return (await ask('/metrics')).text();
}

it('the gateway touches nothing of the instance but its backups, and no secret is told to anybody', async () => {
  const place = restorableInstance();
  const [key = '', provider = ''] = SECRETS;
  writeFileSync(join(place.secretDir, '.master_key'), `${key}\n`, { mode: 0o600 });
  writeFileSync(join(place.secretDir, 'providers/openai.json'), `{"key": "${provider}"}`, { mode: 0o600 });
  const { calls, told } = await tour(place);
  const paths = calls.filter((call) => call.includes(' /')).map((call) => call.slice(call.indexOf(' /') + 1));
  expect(paths.filter((path) => path.startsWith(place.backupDir)).length).toBeGreaterThan(50);
  expect(paths.filter((path) => path.startsWith(place.workingDir) && !path.startsWith(place.backupDir))).toEqual([]);
  expect(readdirSync(place.secretDir)).toContain('.master_key');
  expect(told).toContain('backup.restore');
  // The audit log can be proven by what went to the log of the gateway.
  expect(told).toMatch(/"app":"gateway".*"audit":\{"seq":\d+,"hash":"[0-9a-f]{64}"/);
  for (const secret of [...SECRETS, TOKEN])
    expect({ secret, told: told.includes(secret) }).toEqual({ secret, told: false });
}, 90_000);
