import createClient, { type Middleware } from 'openapi-fetch';
import { problemOf, ProblemError } from './problem';
import type { paths } from './schema';
import { tokenStore } from './token-store';

export const token = tokenStore(typeof sessionStorage === 'undefined' ? null : sessionStorage);

/** What a request is sent with: nothing where no token is needed. */
export const authorization = (): Record<string, string> => {
  const value = token.get();
  return value === null ? {} : { Authorization: `Bearer ${value}` };
};

const withToken: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(authorization())) request.headers.set(name, value);
    return request;
  },
  onResponse({ request, response }) {
    if (response.status === 401) token.refuse(sentWith(request));
  },
};

const sentWith = (request: Request): string | null =>
  request.headers.get('Authorization')?.slice('Bearer '.length) ?? null;

/** Typed by the OpenAPI document of the gateway. Use it through {@link answer}. */
export const api = createClient<paths>();
api.use(withToken);

type Reply<Data> = { data?: Data; error?: unknown; response: Response };

/**
 * What the gateway answered.
 * @throws ProblemError with what it refused the request for; TypeError when nobody answered
 */
export async function answer<Data>(reply: Promise<Reply<Data>>): Promise<Data> {
  const { data, error, response } = await reply;
  if (!response.ok) throw new ProblemError(problemOf(error));
  return data as Data;
}
