/**
 * Traces of OpenTelemetry: what a request set off, through the queue, in whichever process.
 *
 * Promise: without an address to send to, nothing of OpenTelemetry is loaded and every call does nothing. What is told of a span are names,
 * ids, codes and numbers; never a path, a name of a file, a token or any content.
 * Not promised: that every span arrives. A collector that does not answer costs its spans and nothing else.
 * Invariant: tracing changes no answer, no result and no error.
 */
export { NO_TRACING } from './tracing';
export type { Attributes, Span, SpanFacts, Tracing } from './tracing';
export { openTracing } from './open-tracing';
