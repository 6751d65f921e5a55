/** What is used of the custom resources of the operator of Prometheus, by its API reference: https://prometheus-operator.dev/docs/api-reference/api/ */
interface Metadata {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
}

interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; values?: string[] }[];
}

export interface IPodMonitor {
  apiVersion: 'monitoring.coreos.com/v1';
  kind: 'PodMonitor';
  metadata: Metadata;
  spec: {
    selector: Selector;
    podMetricsEndpoints: {
      port?: string;
      path?: string;
      interval?: string;
      scheme?: 'http' | 'https';
      authorization?: { type?: string; credentials: { name: string; key: string } };
    }[];
  };
}

export interface IPrometheusRule {
  apiVersion: 'monitoring.coreos.com/v1';
  kind: 'PrometheusRule';
  metadata: Metadata;
  spec: {
    groups: {
      name: string;
      interval?: string;
      rules: {
        alert: string;
        expr: string;
        for?: string;
        labels?: Record<string, string>;
        annotations?: Record<string, string>;
      }[];
    }[];
  };
}
