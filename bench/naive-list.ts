import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS, openArchive } from '@pawvault/archive';
import { type Entry, open, type ZipFile } from 'yauzl';

/**
 * What a listing costs without a thought: every record of every central directory is read to find the metadata.
 * @param count reads the first so many archives only
 * @returns entries that were seen
 */
export async function naiveList(directory: string, count: number, countEntries: EntryCounter): Promise<number> {
  const names = readdirSync(directory).filter((name) => name.endsWith('.zip'));
  let seen = 0;
  for (const name of names.slice(0, count)) seen += await countEntries(join(directory, name));
  return seen;
}

export type EntryCounter = (path: string) => Promise<number>;

/** The strict reader, which reads a directory in one piece. */
export async function countWithReader(path: string): Promise<number> {
  const archive = await openArchive(path, DEFAULT_LIMITS);
  await archive.close();
  return archive.entries.length;
}

/** yauzl, which reads a directory record by record. */
export const countWithYauzl: EntryCounter = (path) =>
  new Promise((resolve, reject) => {
    open(path, { lazyEntries: true }, (error, zip) => (error ? reject(error) : resolve(countIn(zip))));
  });

const countIn = (zip: ZipFile): Promise<number> =>
  new Promise((resolve, reject) => {
    let seen = 0;
    zip.on('entry', (_entry: Entry) => {
      seen += 1;
      zip.readEntry();
    });
    zip.once('end', () => resolve(seen));
    zip.once('error', reject);
    zip.readEntry();
  });
