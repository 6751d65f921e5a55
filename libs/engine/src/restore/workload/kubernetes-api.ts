import { readFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DomainError } from '@pawvault/contracts';

/** Where the API server is and who asks it. */
export interface KubernetesAccess {
  /** https only. */
  apiUrl: string;
  /** `token`, `ca.crt` and `namespace`, as Kubernetes mounts them for a service account. Read anew for each call: tokens rotate. */
  credentialsDir: string;
}

/** What is scaled to zero and back. */
export interface Workload {
  kind: 'deployment' | 'statefulset';
  name: string;
  /** null: the one of the service account. */
  namespace: string | null;
}

export interface WorkloadScale {
  replicas: number;
  /** Label selector of its pods, as the API takes it. */
  selector: string;
}

export const nameOfWorkload = ({ kind, name }: Workload): string => `${kind}/${name}`;

/** Needs the verb `get` on `deployments/scale` or `statefulsets/scale`. */
export async function readScale(
  access: KubernetesAccess,
  workload: Workload,
  signal: AbortSignal,
): Promise<WorkloadScale> {
  const path = `${await workloadPath(access, workload)}/scale`;
  return toScale(await call(access, { method: 'GET', path }, signal));
}

/** Needs the verb `patch` on `deployments/scale` or `statefulsets/scale`: not on the workload, whose command and image stay out of reach. */
export async function setReplicas(
  access: KubernetesAccess,
  workload: Workload,
  replicas: number,
  signal: AbortSignal,
): Promise<void> {
  const path = `${await workloadPath(access, workload)}/scale`;
  await call(access, { method: 'PATCH', path, body: { spec: { replicas } } }, signal);
}

/**
 * The names of the pods that may still write. A pod that is being terminated counts until it is gone, which the status of the workload does not say;
 * one that has ended for good does not. Needs the verb `list` on `pods`; asks for their names and labels only.
 */
export async function runningPods(
  access: KubernetesAccess,
  { workload, selector }: { workload: Workload; selector: string },
  signal: AbortSignal,
): Promise<string[]> {
  const query = new URLSearchParams({
    labelSelector: selector,
    fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
  });
  const path = `/api/v1/namespaces/${await namespaceOf(access, workload)}/pods?${query.toString()}`;
  const list = await call(access, { method: 'GET', path, accept: METADATA_ONLY }, signal);
  const { items } = list as { items?: { metadata?: { name?: unknown } }[] };
  if (!Array.isArray(items)) throw unexpected('a list of pods');
  return items.map(({ metadata }) => String(metadata?.name));
}

const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

async function workloadPath(access: KubernetesAccess, workload: Workload): Promise<string> {
  const namespace = await namespaceOf(access, workload);
  return `/apis/apps/v1/namespaces/${namespace}/${workload.kind}s/${workload.name}`;
}

const namespaceOf = async (access: KubernetesAccess, { namespace }: Workload): Promise<string> =>
  namespace ?? (await credential(access, 'namespace')).trim();

function credential({ credentialsDir }: KubernetesAccess, name: 'token' | 'ca.crt' | 'namespace'): Promise<string> {
  const path = join(credentialsDir, name);
  return readFile(path, 'utf8').catch((error: unknown) => {
    const message = 'The credentials of the service account cannot be read';
    throw new DomainError('RESTORE_QUIESCE_FAILED', message, { path }, { cause: error });
  });
}

function toScale(answer: unknown): WorkloadScale {
  const { spec, status } = answer as { spec?: { replicas?: unknown }; status?: { selector?: unknown } };
  // A zero is left out of the answer.
  const replicas = spec?.replicas ?? 0;
  const selector = status?.selector;
  // Without a selector every pod of the namespace would count.
  if (typeof replicas !== 'number' || typeof selector !== 'string' || selector === '') throw unexpected('a scale');
  return { replicas, selector };
}

const unexpected = (what: string): DomainError =>
  new DomainError('RESTORE_QUIESCE_FAILED', `Kubernetes answered something else than ${what}`);

interface Call {
  method: 'GET' | 'PATCH';
  path: string;
  body?: unknown;
  accept?: string;
}

const PAUSE_MS = 1000;
/** Answers of a server that is overloaded, restarting or electing, or whose object just changed: the same may be asked again. */
const PASSING = new Set([409, 429, 500, 502, 503, 504]);

/** Asks until there is an answer or the signal ends it: what stands against it for good fails at once. */
async function call(access: KubernetesAccess, what: Call, signal: AbortSignal): Promise<unknown> {
  for (;;) {
    try {
      const { status, answer } = await send(access, what, signal);
      if (status >= 200 && status < 300) return JSON.parse(answer) as unknown;
      if (!PASSING.has(status)) throw refused(what, status, answer);
      await pause(signal, refused(what, status, answer));
    } catch (error) {
      if (error instanceof DomainError) throw error;
      const unreachable = new DomainError('RESTORE_QUIESCE_FAILED', reasonOf(error), placeOf(what), { cause: error });
      if (error instanceof SyntaxError || isCertificateError(error)) throw unreachable;
      await pause(signal, unreachable);
    }
  }
}

/** @throws the last failure once the time is over, since that says more than that it is */
async function pause(signal: AbortSignal, failure: DomainError): Promise<void> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, PAUSE_MS);
      signal.addEventListener('abort', done);
    });
  }
  if (signal.aborted) throw failure;
}

async function send(
  access: KubernetesAccess,
  { method, path, body, accept }: Call,
  signal: AbortSignal,
): Promise<{ status: number; answer: string }> {
  const [token, ca] = await Promise.all([credential(access, 'token'), credential(access, 'ca.crt')]);
  const content = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token.trim()}`,
    accept: accept ?? 'application/json',
    'user-agent': 'pawvault-worker',
    ...(body === undefined ? {} : { 'content-type': 'application/merge-patch+json' }),
    'content-length': Buffer.byteLength(content),
  };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(new URL(path, access.apiUrl), { method, headers, ca, signal, agent: false });
    request.on('error', reject);
    request.on('response', (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject);
    });
    request.end(content);
  });
}

/** `Status` objects carry a sentence that names the missing permission. */
function refused(what: Call, status: number, answer: string): DomainError {
  const quoted = /"message":\s*("(?:[^"\\]|\\.)*")/.exec(answer)?.[1];
  const reason = quoted === undefined ? '' : (JSON.parse(quoted) as string).slice(0, 500);
  const message = `Kubernetes answered ${status}${reason === '' ? '' : `: ${reason}`}`;
  return new DomainError('RESTORE_QUIESCE_FAILED', message, { ...placeOf(what), status });
}

const placeOf = ({ method, path }: Call): { request: string } => ({ request: `${method} ${path.split('?')[0]}` });

const reasonOf = (error: unknown): string =>
  `Kubernetes did not answer: ${error instanceof Error ? error.message : String(error)}`;

/** Waiting does not make a certificate better. Codes of OpenSSL and of Node's check of the name. */
const isCertificateError = (error: unknown): boolean =>
  /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test((error as NodeJS.ErrnoException).code ?? '');
