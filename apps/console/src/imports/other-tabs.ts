const CHANNEL = 'pawvault.uploads';
/** Other tabs answer at once, also those in the background. */
const PATIENCE_MS = 300;
/** Enough to tell tabs apart; what browsers have for it is not there over plain HTTP. */
const SELF = Math.random();

/** What tabs tell each other of an upload, by its address. */
interface Word {
  says: 'who holds it' | 'I hold it';
  url: string;
  by: number;
}

/**
 * Answers other tabs of this browser which ask for the upload of this one: they know of it, since they keep in the same place what is
 * unfinished, and would take it for one that was left.
 * @param held address of the upload that this tab has begun and not ended; null when there is none
 */
export function answerOtherTabs(held: () => string | null): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.says === 'who holds it' && data.by !== SELF && data.url === held())
      channel.postMessage({ says: 'I hold it', url: data.url, by: SELF } satisfies Word);
  };
}

/** Whether another tab of this browser has begun this upload and is still there. */
export function isHeldByOtherTab(url: string): Promise<boolean> {
  const channel = new BroadcastChannel(CHANNEL);
  const answered = new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), PATIENCE_MS);
    channel.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data.says === 'I hold it' && data.url === url) resolve(true);
    };
  });
  channel.postMessage({ says: 'who holds it', url, by: SELF } satisfies Word);
  return answered.finally(() => channel.close());
}
