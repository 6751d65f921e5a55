import { resolve } from 'node:path';
import { describeRendered, type Manifest, rendered, renderedTogether } from './spec-support/manifests';
import { type Labels, named, selects, workloadsOf } from './spec-support/pods';
import { schemaErrors } from './spec-support/schema-check';

const QWENPAW = resolve(__dirname, 'spec-support/qwenpaw');

describeRendered('the worker as a sidecar of QwenPaw', () => {
  let manifests: Manifest[];
  let original: ReturnType<typeof workloadsOf>[number] | undefined;
  beforeAll(() => {
    [original] = workloadsOf(rendered('QwenPaw', QWENPAW).manifests);
    const parts = { resources: ['storage', 'overlays/sidecar', QWENPAW], components: ['components/sidecar'] };
    ({ manifests } = renderedTogether('sidecar', parts));
  });

  const workload = (name: string) => workloadsOf(manifests).find((each) => each.name === name);
  const sidecar = () => workload('qwenpaw')?.pod.initContainers?.[0];

  it('is what the schemas of Kubernetes allow', () => expect(schemaErrors(manifests)).toEqual([]));

  it('starts before QwenPaw, stays, and leaves QwenPaw as it was', () => {
    expect(sidecar()).toMatchObject({
      name: 'pawvault-worker',
      restartPolicy: 'Always',
      startupProbe: expect.anything(),
    });
    const { initContainers: _added, terminationGracePeriodSeconds: grace, ...pod } = workload('qwenpaw')?.pod ?? {};
    expect(pod).toEqual(original?.pod);
    expect(grace).toBeGreaterThanOrEqual(120);
    expect(workload('qwenpaw')?.labels).toMatchObject(original?.labels ?? {});
  });

  it('does not take QwenPaw out of service when it is not ready, nor scale it away under itself', () => {
    expect(sidecar()).not.toHaveProperty('readinessProbe');
    const names = sidecar()?.env?.map(({ name }) => name) ?? [];
    expect(names.filter((name) => name.includes('KUBERNETES'))).toEqual([]);
    expect(named(manifests, 'Role')).toEqual([]);
    expect(workload('qwenpaw')?.pod.serviceAccountName).toBeUndefined();
  });

  it('is the only worker, runs hardened and bounded, and has the three volumes', () => {
    expect(workloadsOf(manifests).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['qwenpaw', 'pawvault-gateway', 'pawvault-redis']),
    );
    expect(workload('pawvault-worker')).toBeUndefined();
    expect(sidecar()?.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(sidecar()?.resources?.limits).toMatchObject({ memory: expect.any(String) });
    expect(sidecar()?.volumeMounts).toEqual(workload('qwenpaw')?.pod.containers[0]?.volumeMounts);
  });

  it('reaches Redis, and no policy or budget is about a worker that is not there', () => {
    const labels = workloadsOf(manifests).map((each) => each.labels);
    const selectorOf = ({ spec }: Manifest, field: string) =>
      (spec as Record<string, object>)[field] as { matchLabels: Labels };
    const of = (kind: string): Manifest[] => manifests.filter((manifest) => manifest.kind === kind);
    const about = [
      ...of('NetworkPolicy').map((policy) => selectorOf(policy, 'podSelector')),
      ...of('PodDisruptionBudget').map((budget) => selectorOf(budget, 'selector')),
    ];
    for (const selector of about) expect(labels.filter((each) => selects(selector, each))).not.toEqual([]);
    const redis = of('NetworkPolicy').find(({ metadata }) => metadata.name === 'pawvault-redis');
    const { ingress } = redis?.spec as { ingress: { from: { podSelector: { matchLabels: Labels } }[] }[] };
    const from = ingress[0]?.from.map(({ podSelector }) => podSelector) ?? [];
    for (const name of ['qwenpaw', 'pawvault-gateway'])
      expect(from.some((selector) => selects(selector, workload(name)?.labels ?? {}))).toBe(true);
    expect(from).toHaveLength(2);
  });
});
