import { resolve } from 'node:path';
import { describeRendered, type Manifest, renderedTogether } from './spec-support/manifests';
import { selects, workloadsOf } from './spec-support/pods';
import { schemaErrors } from './spec-support/schema-check';

const QWENPAW = resolve(__dirname, 'spec-support/qwenpaw');
const SETS = [
  renderedTogether('single', { resources: ['overlays/single'], components: ['components/monitoring'] }),
  renderedTogether('sidecar', {
    resources: ['overlays/sidecar', QWENPAW],
    components: ['components/sidecar', 'components/monitoring'],
  }),
];

interface Monitor {
  selector: Parameters<typeof selects>[0];
  podMetricsEndpoints: { port: string }[];
}

for (const { name, manifests } of SETS)
  describeRendered(`monitoring on top of the overlay ${name}`, () => describeMonitoring(manifests));

function describeMonitoring(manifests: readonly Manifest[]): void {
  const of = (kind: string): Manifest[] => manifests.filter((manifest) => manifest.kind === kind);

  it('is what the schemas allow', () => expect(schemaErrors(manifests)).toEqual([]));

  it('scrapes one gateway and one worker, each by a port that it has', () => {
    const scraped = of('PodMonitor').map(({ spec }) => {
      const { selector, podMetricsEndpoints } = spec as Monitor;
      const pods = workloadsOf(manifests).filter(({ labels }) => selects(selector, labels));
      const containers = pods.flatMap(({ pod }) => [...pod.containers, ...(pod.initContainers ?? [])]);
      const ports = podMetricsEndpoints.map(({ port }) => port);
      return containers.filter((container) => container.ports?.some(({ name }) => ports.includes(name)));
    });
    expect(scraped.map((containers) => containers.filter(({ name }) => /gateway|worker/.test(name)).length)).toEqual([
      1, 1,
    ]);
  });

  it('brings the alerts, and the dashboard where the sidecar of Grafana finds it', () => {
    expect(of('PrometheusRule')).toHaveLength(1);
    const dashboard = of('ConfigMap').find(({ metadata }) => metadata.labels?.['grafana_dashboard'] === '1');
    expect(JSON.parse((dashboard?.['data'] as Record<string, string>)['pawvault.json'] ?? '')).toMatchObject({
      uid: 'pawvault',
    });
  });
}
