import type { Context, Span as OtelSpan } from '@opentelemetry/api';
import type { Span, SpanFacts, Tracing } from './tracing';

/** What closing waits for a collector that does not answer. */
const CLOSE_MS = 1500;

/** Not imported above: these are loaded when there is somebody to send to, and only then. 17 MB and 0.1 s. */
async function load() {
  const [api, core, hooks, exporter, resources, sdk] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-base'),
  ]);
  return { ...api, ...core, ...hooks, ...exporter, ...resources, ...sdk };
}

type Otel = Awaited<ReturnType<typeof load>>;

/** Reads its settings from the standard variables of the process. @param service the name of the service where they give none */
export async function startOtlp(service: string): Promise<Tracing> {
  const otel = await load();
  const resource = otel
    .defaultResource()
    .merge(otel.resourceFromAttributes({ 'service.name': service }))
    .merge(otel.detectResources({ detectors: [otel.envDetector] }));
  const spanProcessors = [new otel.BatchSpanProcessor(new otel.OTLPTraceExporter())];
  const provider = new otel.BasicTracerProvider({ resource, spanProcessors });
  otel.context.setGlobalContextManager(new otel.AsyncLocalStorageContextManager().enable());
  const tracer = provider.getTracer('pawvault');
  const propagator = new otel.W3CTraceContextPropagator();

  const inSpan = async <T>(facts: SpanFacts, act: (span: Span) => Promise<T>): Promise<T> => {
    const { name, parent: traceparent, attributes } = facts;
    const kind = facts.kind === 'server' ? otel.SpanKind.SERVER : otel.SpanKind.CONSUMER;
    // What is no traceparent begins a trace of its own.
    const around = propagator.extract(otel.ROOT_CONTEXT, { traceparent }, otel.defaultTextMapGetter);
    const span = tracer.startSpan(name, { kind, attributes }, around);
    try {
      return await otel.context.with(otel.trace.setSpan(around, span), () => act(viewOf(otel, span)));
    } finally {
      span.end();
    }
  };
  const current = (active: Context = otel.context.active()): string | null => {
    const carrier: { traceparent?: string } = {};
    propagator.inject(active, carrier, otel.defaultTextMapSetter);
    return carrier.traceparent ?? null;
  };
  const event: Tracing['event'] = (name, attributes) => void otel.trace.getActiveSpan()?.addEvent(name, attributes);
  return { inSpan, event, current, close: () => within(CLOSE_MS, provider.shutdown()) };
}

const viewOf = (otel: Otel, span: OtelSpan): Span => ({
  rename: (name) => void span.updateName(name),
  set: (attributes) => void span.setAttributes(attributes),
  fail: (code) => void span.setStatus({ code: otel.SpanStatusCode.ERROR, message: code }),
});

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}
