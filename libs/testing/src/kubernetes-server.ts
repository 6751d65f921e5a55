import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

const NAMESPACE = 'paws';
const SELECTOR = 'app=qwenpaw';
const SCALE = /^\/apis\/apps\/v1\/namespaces\/paws\/(deployments|statefulsets)\/qwenpaw\/scale$/;
const PODS = /^\/api\/v1\/namespaces\/paws\/pods\?(.*)$/;

type Answer = [status: number, body: unknown];
const refusal = (status: number, message: string): Answer => [
  status,
  { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code: status },
];

/**
 * The part of the API of Kubernetes that scaling one workload takes, over HTTPS with a certificate and a token of its own: namespace `paws`, workload
 * `qwenpaw`. Like the real one it answers a scale at once, and lists the pods until they are gone; they go when the test says so.
 */
export class KubernetesServer {
  replicas = 3;
  /** Names of the pods that there are. */
  pods = ['qwenpaw-a', 'qwenpaw-b', 'qwenpaw-c'];
  /** Whether pods go as soon as they are told to. */
  obedient = true;
  /** Answers that come before anything else, one request each. */
  readonly interruptions: number[] = [];
  /** Path and verb that the role of the service account does not allow. */
  forbidden: string | null = null;
  /** Called before a scale is changed. */
  beforeScale: (replicas: number) => void = () => undefined;
  /** `METHOD path` of every request that had the right token. */
  readonly requests: string[] = [];
  private readonly scaled = new EventEmitter();

  private constructor(
    private readonly server: Server,
    readonly apiUrl: string,
    /** As it is mounted into a pod. */
    readonly credentialsDir: string,
  ) {}

  /** @param directory for keys and credentials */
  static async open(directory: string): Promise<KubernetesServer> {
    const { key, cert } = makeCertificate(directory);
    const credentialsDir = join(directory, 'serviceaccount');
    mkdirSync(credentialsDir);
    for (const [name, text] of Object.entries({ 'ca.crt': cert, token: 'first-token\n', namespace: NAMESPACE }))
      writeFileSync(join(credentialsDir, name), text);
    const server = createServer({ key, cert });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const apiUrl = `https://localhost:${(server.address() as AddressInfo).port}`;
    const kubernetes = new KubernetesServer(server, apiUrl, credentialsDir);
    server.on('request', (request, response) => void kubernetes.respond(request, response));
    return kubernetes;
  }

  /** Kubernetes renews tokens: the old one is worth nothing from now on. */
  rotateToken(): void {
    writeFileSync(join(this.credentialsDir, 'token'), 'second-token\n');
  }

  /** Resolves when the workload has that many replicas, or has had them at a request that is still to come. */
  async scaledTo(replicas: number): Promise<void> {
    const signal = AbortSignal.timeout(30_000);
    while (this.replicas !== replicas) await once(this.scaled, 'change', { signal });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, body] = await this.answer(request);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    const { method = '', url = '' } = request;
    const token = readFileSync(join(this.credentialsDir, 'token'), 'utf8').trim();
    if (request.headers.authorization !== `Bearer ${token}`) return refusal(401, 'Unauthorized');
    const what = `${method} ${url.split('?')[0]}`;
    this.requests.push(what);
    const interruption = this.interruptions.shift();
    if (interruption !== undefined)
      return refusal(interruption, 'the server is currently unable to handle the request');
    if (this.forbidden === what) return refusal(403, `User "worker" cannot do "${what}"`);
    const pods = PODS.exec(url);
    if (pods !== null && method === 'GET') return this.listPods(new URLSearchParams(pods[1]));
    if (SCALE.test(url) && method === 'GET') return this.scale();
    if (SCALE.test(url) && method === 'PATCH') return this.changeScale(request, await json(request));
    return refusal(404, 'the server could not find the requested resource');
  }

  private listPods(query: URLSearchParams): Answer {
    if (query.get('labelSelector') !== SELECTOR) return refusal(400, 'not the selector of the workload');
    if (query.get('fieldSelector') !== 'status.phase!=Succeeded,status.phase!=Failed')
      return refusal(400, 'would count pods that have ended');
    const items = this.pods.map((name) => ({ metadata: { name } }));
    return [200, { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', items }];
  }

  /** Leaves a zero out, as the real one does. */
  private scale(): Answer {
    const spec = this.replicas === 0 ? {} : { replicas: this.replicas };
    return [200, { kind: 'Scale', apiVersion: 'autoscaling/v1', spec, status: { replicas: 0, selector: SELECTOR } }];
  }

  private changeScale(request: IncomingMessage, patch: unknown): Answer {
    if (request.headers['content-type'] !== 'application/merge-patch+json') return refusal(415, 'not a merge patch');
    const { replicas } = (patch as { spec: { replicas: number } }).spec;
    this.beforeScale(replicas);
    this.replicas = replicas;
    if (replicas > 0) this.pods = Array.from({ length: replicas }, (_, index) => `qwenpaw-${index}`);
    else if (this.obedient) this.pods = [];
    this.scaled.emit('change');
    return this.scale();
  }
}

function makeCertificate(directory: string): { key: string; cert: string } {
  const [key, cert] = [join(directory, 'api.key'), join(directory, 'api.crt')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', [...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
