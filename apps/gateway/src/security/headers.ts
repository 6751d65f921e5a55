import helmet from 'helmet';
import type { Middleware } from '../http';

/** TLS is the business of whoever stands in front: no HSTS, and no upgrade of requests on a plain connection. */
export const securityHeaders = (): Middleware =>
  helmet({
    strictTransportSecurity: false,
    contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null, 'frame-ancestors': ["'none'"] } },
  });

/** Answers are about one person's data at one moment; routes that may be cached say so themselves. */
export const noStore: Middleware = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};
