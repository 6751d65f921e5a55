import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf, toDomainError } from '@pawvault/durable-fs';
import { type JsonDocument, readJsonDocument, UnreadableJson } from './json-document';

/** Far beyond any real one; a file that a restore could not take in is read nevertheless, for a backup of the rest. */
const MAX_BYTES = 64 << 20;
const ATTEMPTS = 4;
const PAUSE_MS = 40;

/** Whether a link in the place of the file is followed: the config.json may be one, a file that an agent owns may not. */
export type LinkRule = 'follow' | 'refuse';

/**
 * Reads a JSON file that QwenPaw may be rewriting: it does so in place, and a reader who meets half of it must look again.
 * @returns null where there is no file
 * @throws DomainError PERMISSION_DENIED, IO_ERROR
 */
export async function readSettledDocument(
  path: string,
  links: LinkRule,
): Promise<JsonDocument | UnreadableJson | null> {
  for (let attempt = 1; ; attempt++) {
    const document = await readOnce(path, links);
    const settled = document === null || (!(document instanceof UnreadableJson) && document.reading !== 'repaired');
    if (settled || attempt === ATTEMPTS) return document;
    await delay(PAUSE_MS * attempt);
  }
}

/** A fifo in the place of the file must not keep the reader waiting. */
async function readOnce(path: string, links: LinkRule): Promise<JsonDocument | UnreadableJson | null> {
  try {
    const noFollow = links === 'refuse' ? constants.O_NOFOLLOW : 0;
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | noFollow);
    try {
      const found = await handle.stat();
      if (!found.isFile()) return unreadable('not a regular file');
      if (found.size > MAX_BYTES) return unreadable('the file is larger than 64 MiB');
      return readJsonDocument(await handle.readFile());
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    if (errnoOf(error) === 'ELOOP') return unreadable('a symbolic link');
    throw toDomainError(error, path);
  }
}

const unreadable = (reason: string): UnreadableJson =>
  new UnreadableJson({ line: 1, column: 1, reason }, Buffer.alloc(0));
