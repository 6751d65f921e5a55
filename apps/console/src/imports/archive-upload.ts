import type { DetailedError, Upload, UploadOptions } from 'tus-js-client';
import { answer, api, authorization, token } from '../api/client';
import { type Problem, problemOfThrown } from '../api/problem';
import { removeArrived } from './arrived';
import { answerOtherTabs, isHeldByOtherTab } from './other-tabs';
import {
  forgetUnfinished,
  importIdOf,
  isOf,
  keepUnfinished,
  readUnfinished,
  type UnfinishedUpload,
  type UploadPlace,
} from './unfinished-upload';
import { UploadMeter } from './upload-meter';
import { isGone, isPassingRefusal, problemOfUpload } from './upload-problem';

export interface Sending {
  /** `waiting`: the connection is lost, and is tried again. */
  phase: 'sending' | 'waiting' | 'paused';
  name: string;
  sent: number;
  total: number;
  bytesPerSecond: number;
}

/** How the upload stands. */
export type UploadState =
  | { phase: 'idle' }
  | Sending
  | { phase: 'failed'; name: string; problem: Problem }
  | { phase: 'done'; name: string; importId: string };

const ENDPOINT = '/api/v1/uploads';
/** What a proxy that keeps requests back until they are complete has to hold, and what is sent again when it fails. */
const PIECE_BYTES = 64 << 20;
const LONGEST_WAIT_MS = 15_000;
/** For as long as the server keeps what has arrived: an hour. */
const RETRY_MS = [500, 1000, 2000, 4000, 8000, ...Array<number>(240).fill(LONGEST_WAIT_MS)];

/** A network that is gone without a word leaves a request open for minutes. */
const SILENCE_MS = 30_000;
const LOOK_MS = 5000;

/**
 * Sends one file at a time by the tus protocol: what the server has confirmed is never sent again, whether the connection was lost, the page
 * loaded anew, or the gateway restarted. It belongs to no page, so that it goes on while the reader looks at others.
 */
export class ArchiveUpload {
  private state: UploadState = { phase: 'idle' };
  private readonly listeners = new Set<() => void>();
  private file: File | null = null;
  private running: Upload | null = null;
  private meter = new UploadMeter();
  /** When something was last heard of the server, or taken by the network. */
  private lastSign = 0;
  private watch: ReturnType<typeof setInterval> | undefined;
  /** A second loss in a row is no accident. */
  private mayBeginAgain = true;

  constructor(private readonly place: UploadPlace | null) {}

  readonly current = (): UploadState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Goes on with this file where it stopped, if a part of it has arrived. */
  async begin(file: File): Promise<void> {
    this.file = file;
    this.mayBeginAgain = true;
    this.show('sending', 0);
    try {
      // A part of its own: most visits upload nothing.
      const tus = await import('tus-js-client');
      const left = await this.leftOf(file);
      if (this.file === file) this.send(new tus.Upload(file, this.optionsFor(file)), left);
    } catch (error) {
      this.become({ phase: 'failed', name: file.name, problem: problemOfThrown(error) });
    }
  }

  readonly pause = (): void => {
    void this.running?.abort();
    this.show('paused', this.sent);
  };

  readonly resume = (): void => {
    this.mayBeginAgain = true;
    if (this.file !== null && this.running === null) {
      void this.begin(this.file);
      return;
    }
    this.show('sending', this.sent);
    this.running?.start();
  };

  /** Address of the upload that this tab has begun and not ended. */
  readonly held = (): string | null => this.running?.url ?? null;

  /** That of an earlier visit, of which nothing is sent now. */
  readonly unfinished = (): UnfinishedUpload | null => (this.file === null ? readUnfinished(this.place) : null);

  /** Ends it and removes what has arrived. What cannot be removed now, the server removes after an hour. */
  async discard(): Promise<void> {
    const url = this.running === null ? readUnfinished(this.place)?.url : this.running.url;
    await this.running?.abort();
    this.clear();
    if (url) await removeArrived(url).catch(() => undefined);
  }

  /** Forgets how it ended. */
  readonly clear = (): void => {
    this.letGo();
    this.become({ phase: 'idle' });
  };

  private letGo(): void {
    this.file = null;
    this.running = null;
    forgetUnfinished(this.place);
  }

  /** Address of the upload of which a part has arrived; null when there is none, or another tab goes on with it. */
  private async leftOf(file: File): Promise<string | null> {
    const kept = readUnfinished(this.place);
    if (kept === null || !isOf(kept, file)) return null;
    return (await isHeldByOtherTab(kept.url)) ? null : kept.url;
  }

  private send(upload: Upload, left: string | null): void {
    if (left !== null) this.goOnAt(upload, left);
    this.meter = new UploadMeter();
    this.running = upload;
    // It may have been paused while the library was loaded.
    if (this.state.phase === 'sending') upload.start();
  }

  /** Without an endpoint: the library would take any answer but a good one, as that of a proxy, for a reason to send all of it again. */
  private goOnAt(upload: Upload, url: string): void {
    upload.url = url;
    upload.options.endpoint = null;
  }

  private optionsFor(file: File): UploadOptions {
    const { name, size, lastModified: modified } = file;
    return {
      endpoint: ENDPOINT,
      metadata: { filename: name },
      chunkSize: PIECE_BYTES,
      retryDelays: RETRY_MS,
      storeFingerprintForResuming: false,
      onBeforeRequest: (request) => {
        for (const [header, value] of Object.entries(authorization())) request.setHeader(header, value);
      },
      onAfterResponse: (request, response) => {
        this.lastSign = Date.now();
        if (response.getStatus() === 401) token.refuse(request.getHeader('Authorization')?.slice(7) ?? null);
      },
      onUploadUrlAvailable: () => {
        const url = new URL(this.running?.url ?? '', location.href).pathname;
        if (this.running !== null) this.goOnAt(this.running, url);
        keepUnfinished(this.place, { url, name, size, modified });
      },
      onProgress: (bytes) => {
        this.lastSign = Date.now();
        this.show('sending', bytes);
      },
      onShouldRetry: (error) => this.shouldRetry(error),
      onError: (error) => void this.end(error),
      onSuccess: () => this.finish(),
    };
  }

  private shouldRetry(error: DetailedError): boolean {
    const passing = this.running !== null && isPassingRefusal(error);
    if (passing) this.show('waiting', this.sent);
    return passing;
  }

  private async end(error: Error | DetailedError): Promise<void> {
    const upload = this.running;
    if (upload === null) return;
    if (upload.url !== null && isGone(error)) await this.lookFor(upload);
    else this.fail(problemOfUpload(error));
  }

  /** The server knows the upload no longer: it is complete, and only the answer was lost, or it was cleared away. */
  private async lookFor(upload: Upload): Promise<void> {
    const id = importIdOf(upload.url ?? '');
    try {
      await answer(api.GET('/api/v1/imports/{id}', { params: { path: { id } } }));
      this.finish();
    } catch (error) {
      const problem = problemOfThrown(error);
      if (problem.code === 'IMPORT_NOT_FOUND' && this.mayBeginAgain) this.beginAgain(upload);
      else this.fail(problem);
    }
  }

  private beginAgain(upload: Upload): void {
    this.mayBeginAgain = false;
    upload.url = null;
    upload.options.endpoint = ENDPOINT;
    this.meter = new UploadMeter();
    this.show('sending', 0);
    upload.start();
  }

  private finish(): void {
    const { name } = this.file ?? { name: '' };
    const importId = importIdOf(this.running?.url ?? '');
    this.letGo();
    this.become({ phase: 'done', name, importId });
  }

  private fail(problem: Problem): void {
    this.become({ phase: 'failed', name: this.file?.name ?? '', problem });
  }

  private get sent(): number {
    return 'sent' in this.state ? this.state.sent : 0;
  }

  private show(phase: Sending['phase'], sent: number): void {
    if (this.file === null) return;
    const { name, size: total } = this.file;
    const bytesPerSecond = phase === 'sending' ? this.meter.rate(sent, Date.now()) : 0;
    this.become({ phase, name, sent, total, bytesPerSecond });
  }

  private become(state: UploadState): void {
    const wasActive = isActive(this.state);
    this.state = state;
    if (isActive(state) !== wasActive) this.guardThePage(!wasActive);
    for (const listener of this.listeners) listener();
  }

  /** While something is sent: asks before the page is closed, and does not wait longer than it has to. */
  private guardThePage(on: boolean): void {
    const change = on ? addEventListener : removeEventListener;
    change('beforeunload', askFirst);
    change('online', this.whenOnline);
    clearInterval(this.watch);
    this.lastSign = Date.now();
    if (on) this.watch = setInterval(this.whenSilent, LOOK_MS);
  }

  private readonly whenOnline = (): void => {
    if (this.state.phase === 'waiting') this.tryNow();
  };

  /** When all of it is sent, the server may have to write it to a slow disk before it answers. */
  private readonly whenSilent = (): void => {
    const complete = 'sent' in this.state && this.state.sent === this.state.total;
    if (!complete && Date.now() - this.lastSign > SILENCE_MS) this.tryNow();
  };

  private tryNow(): void {
    this.lastSign = Date.now();
    void this.running?.abort();
    this.show('waiting', this.sent);
    this.running?.start();
  }
}

const isActive = ({ phase }: UploadState): boolean => phase === 'sending' || phase === 'waiting';

const askFirst = (event: BeforeUnloadEvent): void => event.preventDefault();

const browserStorage = (): UploadPlace | null => {
  try {
    return localStorage;
  } catch {
    return null;
  }
};

/** The upload of this tab. */
export const archiveUpload = new ArchiveUpload(browserStorage());
answerOtherTabs(archiveUpload.held);
