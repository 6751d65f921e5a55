import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { NO_TRACING, openTracing } from './index';

const REGISTER = resolve(__dirname, '../../../tools/ts-register.cjs');

/** Packages of OpenTelemetry that a process holds once it has opened its tracing. */
function loadedWith(env: Record<string, string>): string[] {
  const program = `
    const { openTracing } = require(${JSON.stringify(resolve(__dirname, 'index.ts'))});
    openTracing(process.env, 'test').then(async (tracing) => {
      const names = Object.keys(require.cache).map((path) => /@opentelemetry\\/([\\w-]+)/.exec(path)?.[1]);
      console.log(JSON.stringify([...new Set(names.filter(Boolean))]));
      await tracing.close();
    });`;
  const args = ['-r', REGISTER, '-e', program];
  const said = execFileSync(process.execPath, args, { encoding: 'utf8', env: { PATH: process.env['PATH'], ...env } });
  return JSON.parse(said) as string[];
}

it('loads nothing where there is no address to send to', () => {
  expect(loadedWith({})).toEqual([]);
  const endpoint = 'http://127.0.0.1:1';
  expect(loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'true' })).toEqual([]);
  expect(loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toContain('exporter-trace-otlp-http');
});

it('does what it is asked to do, and nothing else, where nobody traces', async () => {
  const tracing = await openTracing({}, 'test');
  expect(tracing).toBe(NO_TRACING);
  const facts = { name: 'x', kind: 'server', parent: null, attributes: {} } as const;
  const result = await tracing.inSpan(facts, (span) => {
    span.set({ a: 1 });
    span.fail('X');
    expect(tracing.current()).toBeNull();
    return Promise.resolve('done');
  });
  expect(result).toBe('done');
  await expect(tracing.inSpan(facts, () => Promise.reject(new Error('as it was')))).rejects.toThrow('as it was');
});
