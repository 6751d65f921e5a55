import type { Middleware, Request } from '../http';
import type { GatewayMetrics } from './gateway-metrics';

/** Measures every request to the end of its answer. Routes are named by their pattern: ids in labels would grow without bound. */
export const requestMetrics =
  ({ requests }: GatewayMetrics): Middleware =>
  (request, response, next) => {
    const end = requests.startTimer({ method: request.method });
    response.once('close', () => end({ route: routeOf(request), status: String(response.statusCode) }));
    next();
  };

/** The pattern of the route that answered. */
export const routeOf = (request: Request & { route?: { path?: unknown } }): string =>
  typeof request.route?.path === 'string' ? request.route.path : 'none';
