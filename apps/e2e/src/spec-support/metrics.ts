/** What a scrape of Prometheus shows of one metric. */
export interface Metric {
  type: string;
  labels: Set<string>;
  /** Label → the values that were seen of it. */
  values: Map<string, Set<string>>;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Every series by its name, as an expression names it: a histogram is three. */
export function metricsOf(text: string): Map<string, Metric> {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const metrics = new Map<string, Metric>();
  for (const [name, type] of types)
    for (const series of seriesOf(name, type)) metrics.set(series, { type, labels: new Set(), values: new Map() });
  for (const line of text.split('\n')) {
    const [, name = '', labels = ''] = SAMPLE.exec(line) ?? [];
    const metric = metrics.get(name);
    for (const [, label = '', value = ''] of labels.matchAll(LABEL)) addLabel(metric, label, value);
  }
  return metrics;
}

const seriesOf = (name: string, type: string): string[] =>
  type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name];

function addLabel(metric: Metric | undefined, label: string, value: string): void {
  if (metric === undefined) return;
  metric.labels.add(label);
  metric.values.set(label, (metric.values.get(label) ?? new Set()).add(value));
}

/** The metrics of several processes as Prometheus would have them. */
export function merged(...all: Map<string, Metric>[]): Map<string, Metric> {
  const result = new Map<string, Metric>();
  for (const [name, { type, labels, values }] of all.flatMap((metrics) => [...metrics])) {
    const into = result.get(name) ?? { type, labels: new Set(), values: new Map() };
    labels.forEach((label) => into.labels.add(label));
    for (const [label, seen] of values) into.values.set(label, new Set([...(into.values.get(label) ?? []), ...seen]));
    result.set(name, into);
  }
  return result;
}
