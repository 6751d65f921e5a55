import helmet from 'helmet';
import type { Middleware } from '../http';

/** TLS is the business of whoever stands in front: no HSTS, and no upgrade of requests on a plain connection. */
export const securityHeaders = (): Middleware =>
  helmet({
    strictTransportSecurity: false,
    contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null, 'frame-ancestors': ["'none'"] } },
  });

/**
 * What the page of the console may do: talk to this gateway and show what it ships. No script but its own files runs, ever. Styles are
 * written into the page by its widgets while it runs, which is why those may be inline; a style can neither call nor read anything here,
 * because images and fonts come from nowhere else either.
 */
const CONSOLE_SOURCES = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of the page of the console, in place of and beside the common ones. */
export const consolePolicy: readonly (readonly [name: string, value: string])[] = [
  ['Content-Security-Policy', CONSOLE_SOURCES],
  ['Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()'],
];

/** Answers are about one person's data at one moment; routes that may be cached say so themselves. */
export const noStore: Middleware = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};
