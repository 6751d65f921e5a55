import type { JobView } from '@pawvault/contracts';
import { restorableInstance } from './spec-support/restorable-instance';
import { type Stack, startStack } from './spec-support/stack';
import { TraceCollector } from './spec-support/trace-collector';
import { until } from './spec-support/until';

const QUICKLY = { OTEL_BSP_SCHEDULE_DELAY: '50' };

let collector: TraceCollector;
beforeEach(async () => {
  collector = await TraceCollector.open();
});
afterEach(() => collector.close());

/** Makes a backup, reads it, and tries a restore that is refused. */
async function work(stack: Stack): Promise<{ created: JobView; refused: JobView }> {
  const { client } = stack;
  const created = await stack.ended(await stack.startBackup());
  const backup = `/api/v1/backups/${created.backup_id}`;
  await (await client.fetch(`${backup}/files/data/workspaces/default/AGENTS.md?q=private-search`)).arrayBuffer();
  const drifted = { mode: 'full', confirm: true, pre_restore_backup: false, plan_hash: '0'.repeat(64) };
  return { created, refused: await stack.ended(await client.post<JobView>(`${backup}/restores`, drifted)) };
}

it('one trace leads from the request through the queue to what the worker did', async () => {
  const place = restorableInstance();
  const stack = await startStack(place, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...QUICKLY });
  const { created, refused } = await work(stack);
  const spanOf = ({ id }: JobView) => collector.spans.find(({ attributes }) => attributes['pawvault.job.id'] === id);
  const requestOf = (job: JobView) => collector.spans.find(({ spanId }) => spanId === spanOf(job)?.parentSpanId);
  await until('the spans have come', () => requestOf(created) !== undefined && requestOf(refused) !== undefined);

  expect(requestOf(created)).toMatchObject({
    service: 'pawvault-gateway',
    name: 'POST /api/v1/backups',
    parentSpanId: null,
    attributes: { 'http.response.status_code': 202, 'pawvault.request.id': expect.stringMatching(/^[\w-]{36}$/) },
    error: null,
  });
  expect(spanOf(created)).toMatchObject({
    service: 'pawvault-worker',
    name: 'job backup.create',
    traceId: requestOf(created)?.traceId,
    attributes: {
      'pawvault.job.type': 'backup.create',
      'pawvault.job.attempt': 1,
      'pawvault.job.outcome': 'completed',
    },
    error: null,
  });
  const phases = spanOf(created)?.events.map((event) => event['pawvault.job.phase']);
  expect(phases).toEqual(expect.arrayContaining(['scanning', 'packing', 'finishing']));
  expect(spanOf(refused)).toMatchObject({
    name: 'job backup.restore',
    traceId: requestOf(refused)?.traceId,
    error: 'RESTORE_PLAN_DRIFTED',
  });
  expect(requestOf(refused)?.traceId).not.toBe(requestOf(created)?.traceId);
  expect(collector.spans.map(({ name }) => name)).toContain('GET /api/v1/backups/:id/files/*path');
  expect(collector.spans.filter(({ name }) => /health|metrics/.test(name))).toEqual([]);
  for (const told of ['AGENTS.md', 'private-search', 'workspaces', place.root, 'redis://'])
    expect({ told, found: collector.text.includes(told) }).toEqual({ told, found: false });
}, 60_000);

it('a trace that a proxy has begun goes on', async () => {
  const stack = await startStack(restorableInstance(), { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...QUICKLY });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await (await stack.client.fetch('/api/v1/backups', { headers: { traceparent } })).json();
  await until('the span has come', () =>
    collector.spans.some(({ parentSpanId }) => parentSpanId === 'b7ad6b7169203331'),
  );
  expect(collector.spans.find(({ name }) => name === 'GET /api/v1/backups')).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
  });
}, 60_000);

it('a collector that does not answer harms nobody', async () => {
  const stack = await startStack(restorableInstance(), {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    ...QUICKLY,
  });
  const { created } = await work(stack);
  expect(created).toMatchObject({ state: 'completed', error: null });
  expect(await stack.stop('SIGTERM')).toEqual({ code: 0, signal: null });
}, 60_000);
