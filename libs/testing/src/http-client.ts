export interface HttpClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  delete(path: string): Promise<void>;
  /** Any answer, whatever its status. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The data of server-sent events of one name, until the stream ends. Ends early when the loop is left. */
  events<T>(path: string, name: string): AsyncGenerator<T, void, undefined>;
}

/** An answer that is no success. The message holds what the server said of it. */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(
    readonly status: number,
    /** Stable code of the problem document; null when the answer was none. */
    readonly code: string | null,
    message: string,
  ) {
    super(message);
  }
}

/**
 * JSON over HTTP as a program of a user would do it.
 * @param base address without a path, e.g. http://127.0.0.1:8210
 * @param signal ends every request
 */
export function httpClient(base: string, signal?: AbortSignal): HttpClient {
  const open = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(new URL(path, base), { ...init, ...(signal ? { signal } : {}) });
  const json = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const content =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await successful(await open(path, { method, ...content }));
    return (await response.json()) as T;
  };
  return {
    get: (path) => json('GET', path),
    post: (path, body) => json('POST', path, body),
    delete: async (path) => void (await (await successful(await open(path, { method: 'DELETE' }))).arrayBuffer()),
    fetch: open,
    async *events<T>(path: string, name: string) {
      const response = await successful(await open(path, { headers: { accept: 'text/event-stream' } }));
      for await (const event of readEvents(response)) {
        if (event.name === name) yield JSON.parse(event.data) as T;
      }
    },
  };
}

async function successful(response: Response): Promise<Response> {
  if (response.ok) return response;
  const text = await response.text();
  const { code, detail } = problemOf(text);
  throw new HttpError(
    response.status,
    code,
    `${new URL(response.url).pathname}: ${code ?? response.status} ${detail ?? text.slice(0, 200)}`,
  );
}

function problemOf(text: string): { code: string | null; detail: string | null } {
  const own = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  try {
    const { code, detail } = JSON.parse(text) as { code?: unknown; detail?: unknown };
    return { code: own(code), detail: own(detail) };
  } catch {
    return { code: null, detail: null };
  }
}

async function* readEvents(response: Response): AsyncGenerator<{ name: string; data: string }> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of response.body ?? []) {
    const blocks = (pending + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n');
    pending = blocks.pop() ?? '';
    yield* blocks.map(parseEvent);
  }
}

function parseEvent(block: string): { name: string; data: string } {
  const field = (key: string): string[] =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${key}: `))
      .map((line) => line.slice(key.length + 2));
  return { name: field('event').at(-1) ?? 'message', data: field('data').join('\n') };
}
