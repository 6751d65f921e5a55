import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeRendered, kustomizations, type Manifest, rendered, writtenManifests } from './spec-support/manifests';
import { type Labels, named, selects, workloadsOf } from './spec-support/pods';
import { schemaErrors } from './spec-support/schema-check';

const CONFIGURATION = readFileSync(resolve(__dirname, '../../docs/configuration.md'), 'utf8');
/** What docs/operations.md tells to make before, and what QwenPaw brings. */
const PREREQUISITES = {
  Secret: ['pawvault', 'pawvault-tls'],
  PersistentVolumeClaim: ['qwenpaw-data', 'qwenpaw-secrets'],
};
const SECRET_KEYS = ['token', 'tokens', 'redis-password'];

const OVERLAYS = [
  rendered('single', 'storage', 'overlays/single'),
  rendered('single-root', 'storage', 'overlays/single-root'),
  rendered('ha', 'storage-shared', 'overlays/ha'),
];

const specOf = <T>({ spec }: Manifest): T => spec as T;
const ofKind = (manifests: readonly Manifest[], kind: string): Manifest[] =>
  manifests.filter((manifest) => manifest.kind === kind);

it('every folder is a kustomization that a set here covers, or one of sidecar.spec.ts and monitoring.spec.ts', () => {
  expect(kustomizations()).toEqual([
    'base',
    'components/beside-qwenpaw',
    'components/monitoring',
    'components/quiesce',
    'components/root-owner',
    'components/sidecar',
    'overlays/ha',
    'overlays/sidecar',
    'overlays/single',
    'overlays/single-root',
    'storage',
    'storage-shared',
  ]);
});

describe('the schemas', () => {
  it.each(writtenManifests().map((set) => [set.name, set.manifests] as const))('accept %s', (_name, manifests) =>
    expect(schemaErrors(manifests)).toEqual([]),
  );

  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } };
  it.each([
    ['an unknown field', { ...service, spec: { selectors: {} } }, /selectors/],
    ['a field of another type', { ...service, spec: { ports: [{ port: '80' }] } }, /string/],
    ['a missing field', { ...service, spec: { ports: [{ name: 'http' }] } }, /port/],
    ['an unknown kind', { ...service, kind: 'Servce' }, /Cannot find module/],
  ])('refuse %s', (_case, manifest, message) => {
    expect(schemaErrors([service, manifest])).toEqual([expect.stringMatching(message)]);
  });
});

function itIsConsistent(manifests: readonly Manifest[]): void {
  it('selects by each selector the pods that it is about', () => {
    for (const { selector, labels } of workloadsOf(manifests)) expect(labels).toMatchObject(selector);
  });

  it('leaves no credential in a file', () => {
    expect(named(manifests, 'Secret')).toEqual([]);
    const values = workloadsOf(manifests).flatMap(({ pod }) => pod.containers.flatMap(({ env = [] }) => env));
    expect(values.filter(({ name, value }) => /TOKEN|PASSWORD/.test(name) && value !== undefined)).toEqual([]);
  });

  it('sets no variable that PawVault does not know', () => {
    const containers = workloadsOf(manifests).flatMap(({ pod }) => pod.containers);
    const literals = ofKind(manifests, 'ConfigMap').flatMap(({ data }) => Object.keys(data as object));
    const names = [...literals, ...containers.flatMap(({ env = [] }) => env.map(({ name }) => name))];
    const ours = names.filter((name) => /^(PAWVAULT|QWENPAW)_/.test(name));
    expect(ours.filter((name) => !CONFIGURATION.includes(`\`${name}\``))).toEqual([]);
  });
}

for (const { name, manifests } of writtenManifests()) describe(name, () => itIsConsistent(manifests));

for (const { name, manifests } of OVERLAYS)
  describeRendered(`the overlay ${name}`, () => describeOverlay(name, manifests));

function describeOverlay(name: string, manifests: Manifest[]): void {
  itIsConsistent(manifests);

  it('is what the schemas allow', () => expect(schemaErrors(manifests)).toEqual([]));

  const workloads = workloadsOf(manifests);
  const gateway = workloads.find((workload) => workload.name === 'pawvault-gateway');
  const worker = workloads.find((workload) => workload.name === 'pawvault-worker');
  const labels = workloads.map((workload) => workload.labels);
  const selected = (selector: Parameters<typeof selects>[0]): Labels[] =>
    labels.filter((candidate) => selects(selector, candidate));

  it('has everything in one namespace', () => {
    const spaces = manifests.filter(({ kind }) => kind !== 'Namespace').map(({ metadata }) => metadata.namespace);
    expect(new Set(spaces)).toEqual(new Set(['qwenpaw']));
    expect(named(manifests, 'Namespace')).toEqual(['qwenpaw']);
  });

  it('pulls images of a fixed version only', () => {
    const images = workloads.flatMap(({ pod }) => pod.containers.map(({ image }) => image));
    expect(images).toHaveLength(3);
    for (const image of images) expect(image).toMatch(/:\d+\.\d+\.\d+(-[a-z]+)?$/);
  });

  it('refers to nothing that is not there', () => {
    const { Secret, PersistentVolumeClaim } = PREREQUISITES;
    const claims = [...named(manifests, 'PersistentVolumeClaim'), ...PersistentVolumeClaim];
    for (const { pod } of workloads) {
      for (const { persistentVolumeClaim } of pod.volumes ?? [])
        expect(claims).toContain(persistentVolumeClaim?.claimName);
      if (pod.serviceAccountName !== undefined)
        expect(named(manifests, 'ServiceAccount')).toContain(pod.serviceAccountName);
      for (const { env = [], envFrom = [] } of pod.containers) {
        for (const { configMapRef } of envFrom) expect(named(manifests, 'ConfigMap')).toContain(configMapRef?.name);
        const keys = env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
        for (const key of keys) {
          expect(Secret).toContain(key.name);
          expect(SECRET_KEYS).toContain(key.key);
        }
      }
    }
    const tls = ofKind(manifests, 'Ingress').flatMap(
      (ingress) => specOf<{ tls: { secretName: string }[] }>(ingress).tls,
    );
    for (const { secretName } of tls) expect(Secret).toContain(secretName);
  });

  it('leads services, budgets and policies to pods, and the ingress to a service', () => {
    const ports = workloads.flatMap(({ pod }) => pod.containers.flatMap((container) => container.ports ?? []));
    for (const service of ofKind(manifests, 'Service')) {
      const spec = specOf<{ selector: Labels; ports: { targetPort: string }[] }>(service);
      expect(selected({ matchLabels: spec.selector })).toHaveLength(1);
      for (const { targetPort } of spec.ports) expect(ports.map((port) => port.name)).toContain(targetPort);
    }
    for (const budget of ofKind(manifests, 'PodDisruptionBudget'))
      expect(selected(specOf<{ selector: { matchLabels: Labels } }>(budget).selector)).toHaveLength(1);
    for (const policy of ofKind(manifests, 'NetworkPolicy'))
      expect(selected(specOf<{ podSelector: { matchLabels: Labels } }>(policy).podSelector)).not.toEqual([]);
    const target = JSON.stringify(ofKind(manifests, 'Ingress').map(({ spec }) => spec));
    expect(target).toContain('"backend":{"service":{"name":"pawvault-gateway","port":{"name":"http"}}}');
  });

  it('closes every pod to the network but for what is named', () => {
    const closing = ofKind(manifests, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'pawvault-default');
    const { podSelector, policyTypes } = specOf<{ podSelector: { matchLabels: Labels }; policyTypes: string[] }>(
      closing as Manifest,
    );
    expect(selected(podSelector)).toHaveLength(workloads.length);
    expect(policyTypes).toEqual(['Ingress', 'Egress']);
  });

  it.each(['pawvault-gateway', 'pawvault-worker', 'pawvault-redis'])('%s runs hardened, probed and bounded', (of) => {
    const pod = workloads.find((workload) => workload.name === of)?.pod;
    const asRoot = name === 'single-root' && of !== 'pawvault-redis';
    expect(pod?.securityContext).toMatchObject({ runAsNonRoot: !asRoot, seccompProfile: { type: 'RuntimeDefault' } });
    // Root owns the files already, and a group would open their modes.
    expect(pod?.securityContext?.['fsGroup']).toBe(asRoot ? undefined : pod?.securityContext?.['runAsGroup']);
    for (const container of pod?.containers ?? []) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container).toMatchObject({ livenessProbe: expect.anything(), readinessProbe: expect.anything() });
      expect(container.resources).toMatchObject({
        requests: { cpu: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
    }
    expect(pod?.automountServiceAccountToken).toBe(of === 'pawvault-worker');
  });

  it('gives the gateway the archives and nothing else of the instance', () => {
    expect(gateway?.pod.volumes).toEqual([
      { name: 'backups', persistentVolumeClaim: { claimName: 'qwenpaw-backups' } },
    ]);
    expect(worker?.pod.containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath).sort()).toEqual([
      '/app/working',
      '/app/working.backups',
      '/app/working.secret',
    ]);
  });

  it('lets the worker scale that one workload, look for its pods, and do nothing else', () => {
    expect(ofKind(manifests, 'Role').map(({ rules }) => rules)).toEqual([
      [
        { apiGroups: ['apps'], resources: ['deployments/scale'], resourceNames: ['qwenpaw'], verbs: ['get', 'patch'] },
        { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
      ],
    ]);
    expect(ofKind(manifests, 'ClusterRole')).toEqual([]);
    const env = worker?.pod.containers[0]?.env ?? [];
    expect(env).toContainEqual({ name: 'PAWVAULT_QUIESCE_KUBERNETES', value: 'deployment/qwenpaw' });
  });

  it('gives the worker longer to end than a commit takes, and keeps the jobs of Redis', () => {
    expect(worker?.pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(120);
    const redis = workloads.find((workload) => workload.name === 'pawvault-redis');
    const { args } = redis?.pod.containers[0] as unknown as { args: string[] };
    expect(args.join(' ')).toMatch(/--appendonly yes .*--maxmemory-policy noeviction/);
    expect(ofKind(manifests, 'StatefulSet')[0]?.spec).toHaveProperty('volumeClaimTemplates');
  });

  it('mounts the backups in a way that its number of pods can bear', () => {
    const claim = ofKind(manifests, 'PersistentVolumeClaim')[0] as Manifest;
    expect(specOf<object>(claim)).toMatchObject({ accessModes: [name === 'ha' ? 'ReadWriteMany' : 'ReadWriteOnce'] });
    const strategies = ofKind(manifests, 'Deployment').map(
      (deployment) => specOf<{ strategy: { type: string } }>(deployment).strategy.type,
    );
    const expected = name === 'ha' ? 'RollingUpdate' : 'Recreate';
    expect(strategies).toEqual([expected, expected]);
  });

  it('scales the worker that is there', () => {
    const targets = ofKind(manifests, 'ScaledObject').map(
      (scaled) => specOf<{ scaleTargetRef: { name: string } }>(scaled).scaleTargetRef.name,
    );
    expect(targets).toEqual(name === 'ha' ? ['pawvault-worker'] : []);
    const replicas = ofKind(manifests, 'Deployment').find(({ metadata }) => metadata.name === 'pawvault-worker');
    expect(specOf<{ replicas?: number }>(replicas as Manifest).replicas).toBe(name === 'ha' ? undefined : 1);
  });
}
