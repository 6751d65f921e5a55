import type { Manifest } from './manifests';

export interface Container {
  name: string;
  image: string;
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
  envFrom?: { configMapRef?: { name: string } }[];
  ports?: { name: string }[];
  volumeMounts?: { name: string; mountPath: string }[];
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: Record<string, unknown>;
  livenessProbe?: unknown;
  readinessProbe?: unknown;
  startupProbe?: unknown;
  restartPolicy?: string;
}

export interface PodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext?: Record<string, unknown>;
  initContainers?: Container[];
  containers: Container[];
  volumes?: { name: string; persistentVolumeClaim?: { claimName: string } }[];
}

export type Labels = Record<string, string>;

interface WorkloadSpec {
  selector: { matchLabels: Labels };
  template: { metadata: { labels: Labels }; spec: PodSpec };
}

export interface Workload {
  name: string;
  kind: string;
  selector: Labels;
  labels: Labels;
  pod: PodSpec;
}

export const workloadsOf = (manifests: readonly Manifest[]): Workload[] =>
  manifests
    .filter(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind))
    .map(({ kind, metadata, spec }) => {
      const { selector, template } = spec as WorkloadSpec;
      const { labels } = template.metadata;
      return { name: metadata.name, kind, selector: selector.matchLabels, labels, pod: template.spec };
    });

export const named = (manifests: readonly Manifest[], kind: string): string[] =>
  manifests.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);

interface Expression {
  key: string;
  operator: string;
  values?: string[];
}

/** Whether a label selector takes these labels; of the expressions it knows `In` and `Exists`, and refuses others. */
export function selects(selector: { matchLabels?: Labels; matchExpressions?: Expression[] }, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const strange = matchExpressions.find(({ operator }) => !['In', 'Exists'].includes(operator));
  if (strange !== undefined) throw new Error(`Not known here: ${strange.operator}`);
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) =>
      values === undefined ? key in labels : values.includes(labels[key] ?? ''),
    )
  );
}
