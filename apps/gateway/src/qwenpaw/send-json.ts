import type { Response } from '../http';

/** Any JSON, also a bare null, which Nest would send as nothing. */
export function sendJson(response: Response, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(body));
}
