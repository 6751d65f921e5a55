import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the gateway needs of a request and an answer beyond controllers: Node's own, and the few things that every Express adds. */
export interface Request extends IncomingMessage {
  /** Path and query as they came. */
  originalUrl: string;
  method: string;
}

export type Response = ServerResponse;

export type Next = (error?: unknown) => void;

export type Middleware = (request: Request, response: Response, next: Next) => void;
