export interface ConsoleMeta {
  id: string;
  name: string;
  agent_count: number;
  scope: Record<string, boolean>;
  accepted_via_trust: boolean | null;
}

export type ConsoleEvent = Record<string, unknown> & { type: string };
export type Snapshot = Record<string, unknown> & { job_id: string; status: string };

/** What QwenPaw's console throws: the text of the answer, from which it reads what to ask the user. */
export class ConsoleError extends Error {
  constructor(
    readonly status: number,
    text: string,
  ) {
    super(text);
  }

  /** FastAPI's `detail`. */
  get detail(): unknown {
    return (JSON.parse(this.message) as { detail: unknown }).detail;
  }
}

/** Talks to a server as the backup page of QwenPaw's console does: the same requests, and no more knowledge of the answers. */
export class QwenpawConsole {
  constructor(private readonly url: string) {}

  /** What the page asks for when it is opened. */
  async open(): Promise<{ backups: ConsoleMeta[]; agents: { id: string; name: string; workspace_dir: string }[] }> {
    const [backups, { agents }] = await Promise.all([
      this.request<ConsoleMeta[]>('/backups'),
      this.request<{ agents: { id: string; name: string; workspace_dir: string }[] }>('/agents'),
    ]);
    return { backups, agents };
  }

  detail(
    id: string,
  ): Promise<ConsoleMeta & { workspace_stats: Record<string, { files: number; size: number; name?: string }> }> {
    return this.request(`/backups/${id}`);
  }

  /** Earlier consoles. @returns the metadata of the last event; throws what an `error` event says */
  async createByStream(
    data: object,
    onEvent: (event: ConsoleEvent) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<ConsoleMeta> {
    const response = await this.fetch('/backups/stream', { ...asJson(data), ...(signal ? { signal } : {}) });
    for await (const event of dataOf<ConsoleEvent>(response)) {
      onEvent(event);
      if (event.type === 'done') return event['meta'] as ConsoleMeta;
      if (event.type === 'error') throw new Error(String(event['message']));
    }
    throw new Error('The stream ended without a last word');
  }

  /** Later consoles: a job, followed to its end. */
  async createByJob(data: object, onSnapshot: (snapshot: Snapshot) => void): Promise<Snapshot> {
    let latest = await this.request<Snapshot>('/backups/jobs', asJson(data));
    const response = await this.fetch(`/backups/jobs/${latest.job_id}/events`, {});
    for await (const snapshot of dataOf<Snapshot>(response)) onSnapshot((latest = snapshot));
    return latest;
  }

  activeJob(): Promise<Snapshot | null> {
    return this.request('/backups/jobs/active');
  }

  restore(id: string, data: object): Promise<{ ok: boolean; preserved_local_keys: string[] }> {
    return this.request(`/backups/${id}/restore`, asJson(data));
  }

  delete(ids: string[]): Promise<{ deleted: string[]; failed: { id: string; reason: string }[] }> {
    return this.request('/backups/delete', asJson({ ids }));
  }

  async export(id: string): Promise<Buffer> {
    return Buffer.from(await (await this.fetch(`/backups/${id}/export`, {})).arrayBuffer());
  }

  private async request<T>(path: string, init: RequestInit = {}): Promise<T> {
    return (await (await this.fetch(path, init)).json()) as T;
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(`${this.url}/api${path}`, init);
    if (!response.ok) throw new ConsoleError(response.status, await response.text());
    return response;
  }
}

const asJson = (data: object): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(data),
});

/** Blocks that begin with data; anything else, as comments, is passed over. */
async function* dataOf<T>(response: Response): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of response.body ?? []) {
    const blocks = (pending + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) if (block.startsWith('data: ')) yield JSON.parse(block.slice(6)) as T;
  }
}
