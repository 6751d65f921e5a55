import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { JobView } from '@pawvault/contracts';
import { sampleInstance, tempDir } from '@pawvault/testing';
import { parse } from 'yaml';
import { merged, type Metric, metricsOf } from './spec-support/metrics';
import { parseQuery } from './spec-support/promql';
import { placeOf } from './spec-support/slow-instance';
import { type Stack, startStack } from './spec-support/stack';

const ROOT = resolve(__dirname, '../../..');
const MONITORING = join(ROOT, 'k8s/components/monitoring');
const read = (path: string): string => readFileSync(path, 'utf8');

interface Rules {
  groups: {
    name: string;
    rules: { alert: string; expr: string; for?: string; labels: object; annotations: object }[];
  }[];
}

interface Dashboard {
  panels: { id: number; title: string; type: string; gridPos: Box; targets?: { expr: string; datasource: object }[] }[];
}

interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

const rules = parse(read(join(MONITORING, 'alerts.yaml'))) as Rules;
const dashboard = JSON.parse(read(join(MONITORING, 'dashboard.json'))) as Dashboard;
const alerts = rules.groups.flatMap((group) => group.rules);
const targets = dashboard.panels.flatMap(({ title, targets: asked = [] }) =>
  asked.map(({ expr }) => ({ title, expr })),
);

const EXPRESSIONS = [
  ...alerts.map(({ alert, expr }) => [`the alert ${alert}`, expr] as const),
  ...targets.map(({ title, expr }, i) => [`the panel ${i} "${title}"`, expr] as const),
];
/** Prometheus gives these to every series that it scrapes. */
const OF_THE_TARGET = ['job', 'instance'];

/** One byte of the content of an archive. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 3);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(path, bytes);
}

/** Both processes, as Prometheus sees them. */
async function scrape({ client }: Stack, root: string): Promise<Map<string, Metric>> {
  const logs = join(root, 'state/default/logs');
  const said = readdirSync(logs).map((name) => read(join(logs, name)));
  const health = /"health":"(http:[^"]+)"/.exec(said.join(''))?.[1] ?? '';
  const [gateway, worker] = await Promise.all([client.fetch('/metrics'), fetch(`${health}/metrics`)]);
  return merged(metricsOf(await gateway.text()), metricsOf(await worker.text()));
}

/** What gateway and worker show once there is a backup, one that is damaged, and a job that was refused. */
let metrics: Map<string, Metric>;
beforeAll(async () => {
  const root = tempDir('e2e');
  const instance = sampleInstance(root, { database: 'none' });
  const place = placeOf(root);
  const stack = await startStack(place, { PAWVAULT_WORKER_PORT: '0' });
  const { client } = stack;
  await stack.ended(await stack.startBackup());
  const { result } = await stack.ended(await stack.startBackup());
  const backup = `/api/v1/backups/${result?.backup_id}`;
  const drifted = { mode: 'full', confirm: true, pre_restore_backup: false, plan_hash: '0'.repeat(64) };
  await stack.ended(await client.post<JobView>(`${backup}/restores`, drifted));
  damage(join(place.backupDir, `${result?.backup_id}.zip`));
  await stack.ended(await client.post<JobView>(`${backup}/verify`));
  metrics = await scrape(stack, root);
  instance.close();
}, 60_000);

/** A matcher that no value has fitted that was ever seen finds nothing, whatever happens; of statuses, those of HTTP are known. */
function fits(
  { values }: Metric,
  { label, operator, value }: { label: string; operator: string; value: string },
): boolean {
  const seen = label === 'status' ? ['200', '404', '500', '503'] : [...(values.get(label) ?? [])];
  const isRegex = operator.endsWith('~');
  const found = seen.filter((each) => (isRegex ? new RegExp(`^(?:${value})$`).test(each) : each === value));
  return found.length > 0 || operator.startsWith('!');
}

describe.each(EXPRESSIONS)('%s', (_name, expression) => {
  const { errors, selectors, grouping } = parseQuery(expression);

  it('is PromQL about something', () => {
    expect(errors).toEqual([]);
    expect(selectors).not.toEqual([]);
  });

  it('asks for what gateway and worker export, by labels and values that these have', () => {
    for (const { metric, matchers } of selectors) {
      const found = metrics.get(metric);
      expect({ metric, known: found !== undefined }).toEqual({ metric, known: true });
      for (const matcher of matchers) {
        expect([...(found?.labels ?? [])]).toContain(matcher.label);
        expect({ metric, matcher, fits: found && fits(found, matcher) }).toEqual({ metric, matcher, fits: true });
      }
    }
    const labels = selectors.flatMap(({ metric }) => [...(metrics.get(metric)?.labels ?? [])]);
    expect([...labels, ...OF_THE_TARGET]).toEqual(expect.arrayContaining(grouping));
  });
});

describe('the alerts', () => {
  it('have each a name of its own, a severity, and say what is wrong and what to do', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
    for (const { alert, labels, annotations } of alerts) {
      expect(alert).toMatch(/^PawVault[A-Z]\w+$/);
      expect(labels).toEqual({ severity: expect.stringMatching(/^(warning|critical)$/) });
      expect(annotations).toEqual({ summary: expect.any(String), description: expect.any(String) });
    }
  });

  it('mention in their texts only labels that are left in their results', () => {
    for (const { annotations, expr } of alerts) {
      const used = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
      expect(parseQuery(expr).grouping).toEqual(expect.arrayContaining(used));
    }
  });

  it('are the same for the operator of Prometheus', () => {
    const { spec } = parse(read(join(MONITORING, 'prometheus-rule.yaml'))) as { spec: Rules };
    expect(spec).toEqual(rules);
  });
});

describe('the dashboard', () => {
  it('has panels that lie beside each other', () => {
    const boxes = dashboard.panels.map(({ gridPos }) => gridPos);
    const overlap = (a: Box, b: Box): boolean =>
      a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
    expect(boxes.filter((box, i) => boxes.slice(i + 1).some((other) => overlap(box, other)))).toEqual([]);
    expect(boxes.filter(({ x, w }) => x + w > 24)).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  it('asks the source of data that the user has chosen', () => {
    const sources = dashboard.panels.flatMap(({ targets: asked = [] }) => asked.map(({ datasource }) => datasource));
    expect(new Set(sources.map((source) => JSON.stringify(source)))).toEqual(
      new Set(['{"type":"prometheus","uid":"${datasource}"}']),
    );
  });
});

it('docs/telemetry.md lists every metric of PawVault with its labels, and no other', () => {
  const rows = [...read(join(ROOT, 'docs/telemetry.md')).matchAll(/^\| `(pawvault_\w+)(?:\{(.*)\})?`/gm)];
  const documented = rows.map(([, name = '', labels = '']) => [name, labels.split(',').filter(Boolean).sort()]);
  const exported = [...metrics]
    .filter(([name]) => name.startsWith('pawvault_') && !/_(bucket|sum)$/.test(name))
    .map(([name, { type, labels }]) => [type === 'histogram' ? name.replace(/_count$/, '') : name, [...labels].sort()]);
  expect(documented.sort()).toEqual(exported.sort());
});
