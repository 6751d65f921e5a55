import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { KubernetesServer, tempDir } from '@pawvault/testing';
import { quiesce, type QuiesceAdapter, type QuiesceOptions, resume, resumeForgotten } from '../quiesce';

let server: KubernetesServer;
let backupDir: string;
let options: QuiesceOptions;
beforeEach(async () => {
  server = await KubernetesServer.open(tempDir('kubernetes'));
  backupDir = tempDir('backups');
  options = { backupDir, timeoutMs: 20_000, signal: new AbortController().signal };
});
afterEach(() => server.close());

const note = (): string => join(backupDir, '.pawvault', 'rested-workload.json');
const adapter = (kind: 'deployment' | 'statefulset' = 'deployment'): QuiesceAdapter => ({
  kind: 'kubernetes',
  workload: { kind, name: 'qwenpaw', namespace: null },
  apiUrl: server.apiUrl,
  credentialsDir: server.credentialsDir,
});

/** As a worker leaves it that dies while QwenPaw is at rest. */
function crashedAt(replicas: number): void {
  mkdirSync(join(backupDir, '.pawvault'));
  const workload = { kind: 'deployment', name: 'qwenpaw', namespace: null };
  writeFileSync(note(), JSON.stringify({ version: 1, workload, replicas }));
  Object.assign(server, { replicas: 0, pods: [] });
}

it.each(['deployment', 'statefulset'] as const)('scales a %s to zero and back to what it was', async (kind) => {
  const wake = await quiesce(adapter(kind), options);
  expect(server).toMatchObject({ replicas: 0, pods: [] });
  expect(await wake()).toBeNull();
  expect(server.replicas).toBe(3);
  expect(existsSync(note())).toBe(false);
  const paths = new Set(server.requests.map((request) => request.replace(/.*namespaces\/paws\//, '')));
  expect([...paths]).toEqual([`${kind}s/qwenpaw/scale`, 'pods']);
});

it('has noted the number on disk before the first pod is told to go', async () => {
  const noted: unknown[] = [];
  server.beforeScale = () => noted.push(JSON.parse(readFileSync(note(), 'utf8')));
  await (
    await quiesce(adapter(), options)
  )();
  expect(noted[0]).toMatchObject({ version: 1, replicas: 3 });
});

it('waits until the last pod is gone, not only told to go', async () => {
  server.obedient = false;
  let rested = false;
  const resting = quiesce(adapter(), options).then((wake) => {
    rested = true;
    return wake;
  });
  await server.scaledTo(0);
  server.pods = ['qwenpaw-b'];
  const asked = server.requests.length;
  while (server.requests.length < asked + 2) await new Promise((resolve) => setImmediate(resolve));
  expect(rested).toBe(false);
  server.pods = [];
  const wake = await resting;
  expect(await wake()).toBeNull();
});

it('gives up when pods stay, names them, and scales up again', async () => {
  server.obedient = false;
  await expect(quiesce(adapter(), { ...options, timeoutMs: 1500 })).rejects.toMatchObject({
    code: 'RESTORE_QUIESCE_FAILED',
    details: { workload: 'deployment/qwenpaw', pods: server.pods },
  });
  expect(server.replicas).toBe(3);
  expect(existsSync(note())).toBe(false);
});

it('a cancel while it waits scales up again and is a cancel', async () => {
  server.obedient = false;
  const cancel = new AbortController();
  const resting = quiesce(adapter(), { ...options, signal: cancel.signal });
  await server.scaledTo(0);
  cancel.abort();
  await expect(resting).rejects.toMatchObject({ name: 'AbortError' });
  expect(server.replicas).toBe(3);
});

it('leaves a workload at zero that was there before', async () => {
  Object.assign(server, { replicas: 0, pods: [] });
  const wake = await quiesce(adapter(), options);
  expect(await wake()).toBeNull();
  expect(server.replicas).toBe(0);
});

it('does not touch what somebody has scaled up meanwhile', async () => {
  const wake = await quiesce(adapter(), options);
  server.replicas = 1;
  expect(await wake()).toBeNull();
  expect(server.replicas).toBe(1);
  expect(existsSync(note())).toBe(false);
});

describe('after a worker that has died', () => {
  it.each([
    ['a start', resumeForgotten],
    ['the job that comes again', resume],
  ])('%s wakes what it left asleep', async (_case, wake) => {
    crashedAt(2);
    expect(await wake(adapter(), options)).toBeNull();
    expect(server.replicas).toBe(2);
    expect(existsSync(note())).toBe(false);
  });

  it('a restore that begins anew knows how many there were', async () => {
    crashedAt(2);
    const wake = await quiesce(adapter(), options);
    expect(await wake()).toBeNull();
    expect(server.replicas).toBe(2);
  });

  it('says why it could not be woken, and tries again the next time', async () => {
    crashedAt(2);
    server.forbidden = 'PATCH /apis/apps/v1/namespaces/paws/deployments/qwenpaw/scale';
    expect(await resumeForgotten(adapter(), options)).toMatch(/Kubernetes answered 403/);
    server.forbidden = null;
    expect(await resumeForgotten(adapter(), options)).toBeNull();
    expect(server.replicas).toBe(2);
  });

  it('forgets a workload that is no longer there, and says so once', async () => {
    crashedAt(2);
    const gone = { ...adapter(), workload: { kind: 'deployment', name: 'another', namespace: null } } as QuiesceAdapter;
    writeFileSync(note(), readFileSync(note(), 'utf8').replace('"qwenpaw"', '"another"'));
    expect(await resumeForgotten(gone, options)).toMatch(/404/);
    expect(await resumeForgotten(gone, options)).toBeNull();
  });

  it.each([
    ['another name', '"qwenpaw"', '"another"'],
    ['another kind', '"deployment"', '"statefulset"'],
    ['another namespace', '"namespace":null', '"namespace":"kube-system"'],
    ['a thousand replicas', '"replicas":2', '"replicas":1000'],
  ])('scales nothing by a note with %s', async (_case, was, is) => {
    crashedAt(2);
    writeFileSync(note(), readFileSync(note(), 'utf8').replace(was, is));
    expect(await resumeForgotten(adapter(), options)).not.toBeNull();
    await expect(quiesce(adapter(), options)).rejects.toMatchObject({ code: 'RESTORE_QUIESCE_FAILED' });
    expect(server.requests.filter((request) => request.startsWith('PATCH'))).toEqual([]);
    expect(existsSync(note())).toBe(true);
  });

  it.each(['', '{}', '{"version":1,"workload":{"kind":"deployment","name":"../x","namespace":null},"replicas":1}'])(
    'refuses a note that says %j',
    async (text) => {
      crashedAt(1);
      writeFileSync(note(), text);
      expect(await resumeForgotten(adapter(), options)).toMatch(/cannot be read/);
      await expect(quiesce(adapter(), options)).rejects.toMatchObject({ code: 'RESTORE_QUIESCE_FAILED' });
      expect(server.replicas).toBe(0);
    },
  );
});

it('nothing wakes QwenPaw while a living worker has it at rest', async () => {
  const wake = await quiesce(adapter(), options);
  expect(await resumeForgotten(adapter(), options)).toBeNull();
  expect(server.replicas).toBe(0);
  expect(await wake()).toBeNull();
  expect(server.replicas).toBe(3);
});

it('refuses to stop the pod that it runs in', async () => {
  server.pods = [hostname()];
  await expect(quiesce(adapter(), options)).rejects.toMatchObject({ code: 'RESTORE_QUIESCE_FAILED' });
  expect(server.replicas).toBe(3);
});

it('asks again while the API server is not able to answer', async () => {
  server.interruptions.push(503, 429);
  const wake = await quiesce(adapter(), options);
  expect(server.replicas).toBe(0);
  await wake();
});

it.each([
  ['may not read the scale', 'GET /apis/apps/v1/namespaces/paws/deployments/qwenpaw/scale'],
  ['may not change the scale', 'PATCH /apis/apps/v1/namespaces/paws/deployments/qwenpaw/scale'],
  ['may not list pods', 'GET /api/v1/namespaces/paws/pods'],
])('fails at once where its role %s, and names what is missing', async (_case, request) => {
  server.forbidden = request;
  await expect(quiesce(adapter(), options)).rejects.toMatchObject({
    code: 'RESTORE_QUIESCE_FAILED',
    message: `Kubernetes answered 403: User "worker" cannot do "${request}"`,
    details: { request, status: 403 },
  });
  expect(server.replicas).toBe(3);
  expect(existsSync(note())).toBe(false);
});

it('reads the token anew for each call', async () => {
  const wake = await quiesce(adapter(), options);
  server.rotateToken();
  expect(await wake()).toBeNull();
  expect(server.replicas).toBe(3);
});

it('sends its token to no API server but the one of its credentials', async () => {
  const other = await KubernetesServer.open(tempDir('other'));
  try {
    const stranger = { ...adapter(), credentialsDir: other.credentialsDir } as QuiesceAdapter;
    await expect(quiesce(stranger, options)).rejects.toMatchObject({ code: 'RESTORE_QUIESCE_FAILED' });
    expect(server.requests).toEqual([]);
  } finally {
    await other.close();
  }
});

it('says where credentials are missing', async () => {
  const nowhere = { ...adapter(), credentialsDir: join(backupDir, 'none') } as QuiesceAdapter;
  await expect(quiesce(nowhere, options)).rejects.toMatchObject({
    code: 'RESTORE_QUIESCE_FAILED',
    details: { path: join(backupDir, 'none', 'namespace') },
  });
});
