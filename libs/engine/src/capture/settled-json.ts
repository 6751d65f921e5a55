import type { FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { PAUSES_MS, RECENT_MS } from './stable-read';

const TAIL_BYTES = 64;

/**
 * Waits a little for a large `.json` that was written just now and does not end as JSON does: QwenPaw truncates and rewrites in place. The
 * look is at the end alone, because parsing a large file would hold up everything else; small files are parsed.
 * @returns when the file looks whole, is no fresh JSON, or patience ends
 */
export async function settleJson(
  handle: FileHandle,
  path: string,
  wait: (milliseconds: number) => Promise<unknown> = delay,
): Promise<void> {
  if (!path.endsWith('.json')) return;
  for (const pause of PAUSES_MS) {
    const { size, mtimeMs } = await handle.stat();
    if (Date.now() - mtimeMs > RECENT_MS || (await endsAsJson(handle, size))) return;
    await wait(pause);
  }
}

async function endsAsJson(handle: FileHandle, size: number): Promise<boolean> {
  const length = Math.min(TAIL_BYTES, size);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  return /[}\]]\s*$/.test(buffer.toString('latin1', 0, bytesRead));
}
