import { readSync } from 'node:fs';

/** First 16 bytes of every SQLite 3 database (https://www.sqlite.org/fileformat.html, section 1.3). */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

export const isSqlite = (head: Uint8Array): boolean =>
  head.length >= MAGIC.length && MAGIC.equals(head.subarray(0, MAGIC.length));

/** Whether the open file begins as a database does. */
export function startsAsSqlite(fd: number): boolean {
  const head = Buffer.alloc(MAGIC.length);
  return readSync(fd, head, 0, head.length, 0) === head.length && isSqlite(head);
}
