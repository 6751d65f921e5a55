import type { DetailedError, PreviousUpload, Upload } from 'tus-js-client';
import { authorization } from '../api/client';
import { type Problem, problemOf, problemOfThrown } from '../api/problem';

/** How an upload stands. */
export type UploadState =
  | { phase: 'sending' | 'paused'; sent: number; total: number; bytesPerSecond: number }
  | { phase: 'failed'; problem: Problem }
  | { phase: 'done'; importId: string };

export interface RunningUpload {
  pause: () => void;
  resume: () => void;
  /** Ends it and removes what has arrived. */
  discard: () => Promise<void>;
}

const ENDPOINT = '/api/v1/uploads';
/** Between attempts after a lost connection; the last one again and again for some minutes, as long as a gateway may take to come back. */
const RETRY_MS = [500, 1000, 2000, 5000, 10_000, 15_000, 15_000, 15_000, 15_000, 30_000, 30_000, 30_000];

/**
 * Sends a file by the tus protocol: in pieces that the server confirms, so that a lost connection costs only what was under way. The same
 * file goes on where it had arrived, also after a reload.
 */
export async function startUpload(file: File, report: (state: UploadState) => void): Promise<RunningUpload> {
  // A part of its own: most visits upload nothing.
  const tus = await import('tus-js-client');
  const meter = new Meter();
  const sending = (phase: 'sending' | 'paused', sent: number): void =>
    report({ phase, sent, total: file.size, bytesPerSecond: phase === 'paused' ? 0 : meter.rate(sent, Date.now()) });
  let sent = 0;
  const upload: Upload = new tus.Upload(file, {
    endpoint: ENDPOINT,
    metadata: { filename: file.name },
    retryDelays: RETRY_MS,
    removeFingerprintOnSuccess: true,
    onBeforeRequest: (request) => {
      for (const [name, value] of Object.entries(authorization())) request.setHeader(name, value);
    },
    onProgress: (bytes) => {
      sent = bytes;
      sending('sending', bytes);
    },
    onError: (error) => report({ phase: 'failed', problem: problemOfUpload(error) }),
    onSuccess: () => report({ phase: 'done', importId: idOf(upload.url) }),
  });
  const [previous] = newest(await upload.findPreviousUploads());
  if (previous !== undefined) upload.resumeFromPreviousUpload(previous);
  sending('sending', 0);
  upload.start();
  return {
    pause: () => void upload.abort().then(() => sending('paused', sent)),
    resume: () => {
      sending('sending', sent);
      upload.start();
    },
    discard: () => upload.abort(true),
  };
}

const newest = (uploads: PreviousUpload[]): PreviousUpload[] =>
  [...uploads].sort((a, b) => Date.parse(b.creationTime) - Date.parse(a.creationTime));

/** The upload's address ends in the id of the import that it becomes. */
const idOf = (url: string | null): string => url?.split('/').at(-1) ?? '';

/** What the server refused it for, or that nobody answered for longer than all attempts took. */
export function problemOfUpload(error: Error | DetailedError): Problem {
  const answer = 'originalResponse' in error ? error.originalResponse : null;
  return answer ? problemOf(parsed(answer.getBody())) : problemOfThrown(new TypeError(error.message));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const WINDOW_MS = 4000;

/** Bytes per second over the last seconds, so that the time left neither jumps nor lags. */
export class Meter {
  private readonly samples: { at: number; bytes: number }[] = [];

  /** @param at milliseconds of any clock */
  rate(bytes: number, at: number): number {
    this.samples.push({ at, bytes });
    while ((this.samples[0]?.at ?? at) < at - WINDOW_MS) this.samples.shift();
    const first = this.samples[0];
    const seconds = (at - (first?.at ?? at)) / 1000;
    return seconds === 0 ? 0 : Math.max(0, (bytes - (first?.bytes ?? 0)) / seconds);
  }
}
