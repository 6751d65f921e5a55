import { NO_TRACING, type Tracing } from '@pawvault/tracing';
import type { Middleware } from './http';
import { pathOf, requestIdOf } from './requests/request-id';
import { routeOf } from './metrics/request-metrics';

/** Asked every few seconds, by machines. */
const PROBES = /^(\/api\/v1)?\/(health\/|metrics$)/;

/**
 * Puts a span around every request, to the end of its answer; jobs that it adds belong to it. A `traceparent` that a proxy sends is taken over.
 * Routes are named by their pattern: a path holds ids, and the name of a file.
 */
export const requestTracing =
  (tracing: Tracing): Middleware =>
  (request, response, next) => {
    if (tracing === NO_TRACING || PROBES.test(pathOf(request))) return next();
    const { method } = request;
    const attributes = { 'http.request.method': method, 'pawvault.request.id': requestIdOf(request) };
    const given = request.headers['traceparent'];
    const parent = typeof given === 'string' ? given : null;
    void tracing.inSpan({ name: method, kind: 'server', parent, attributes }, async (span) => {
      const closed = new Promise<void>((resolve) => response.once('close', resolve));
      next();
      await closed;
      const route = routeOf(request);
      span.rename(`${method} ${route}`);
      span.set({ 'http.route': route, 'http.response.status_code': response.statusCode });
      if (response.statusCode >= 500) span.fail(String(response.statusCode));
    });
  };
