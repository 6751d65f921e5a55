export type Attributes = Record<string, string | number | boolean>;

export interface SpanFacts {
  name: string;
  /** server: a request that came in; consumer: a job that was taken. */
  kind: 'server' | 'consumer';
  /** The span that this one belongs to, as W3C Trace Context writes it (`traceparent`); null for one that begins a trace. */
  parent: string | null;
  attributes: Attributes;
}

/** What is under way. */
export interface Span {
  rename: (name: string) => void;
  set: (attributes: Attributes) => void;
  /** It ended badly. @param code one of our error codes, or what HTTP says */
  fail: (code: string) => void;
}

export interface Tracing {
  /** Carries out an act within a span, which ends with it. To everything that the act sets off it is the current one. */
  inSpan: <T>(facts: SpanFacts, act: (span: Span) => Promise<T>) => Promise<T>;
  /** Something that happened within the current span. */
  event: (name: string, attributes: Attributes) => void;
  /** The current span, as a `traceparent`; null where there is none. */
  current: () => string | null;
  /** Sends what has not been sent; waits a few seconds at most. */
  close: () => Promise<void>;
}

const nothing = (): void => undefined;
const NO_SPAN: Span = { rename: nothing, set: nothing, fail: nothing };

/** For who traces nothing. */
export const NO_TRACING: Tracing = {
  inSpan: (_facts, act) => act(NO_SPAN),
  event: nothing,
  current: () => null,
  close: () => Promise.resolve(),
};
