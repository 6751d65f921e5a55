import { encodeCentralRecord, encodeLocalHeader, type EntryHeader, type Method } from '@pawvault/archive';
import { type ManifestEntry } from '@pawvault/contracts';
import type { Owner, PackItem } from '../threads/tasks';

let lastSecond = { seconds: Number.NaN, text: '' };

/** RFC 3339 UTC with microseconds, from milliseconds with a fraction as `stat` gives them. */
export function formatMtime(mtimeMs: number): string {
  // Apart, because microseconds since 1970 outgrow exact integers in the year 2255.
  const rounded = Math.round((mtimeMs - Math.floor(mtimeMs / 1000) * 1000) * 1000);
  const seconds = Math.floor(mtimeMs / 1000) + (rounded === 1_000_000 ? 1 : 0);
  const micros = rounded % 1_000_000;
  if (seconds !== lastSecond.seconds) lastSecond = { seconds, text: formatSecond(seconds) };
  return `${lastSecond.text}.${String(micros).padStart(6, '0')}Z`;
}

/** A time that JavaScript cannot express (a damaged inode) is shown as the epoch. */
function formatSecond(seconds: number): string {
  const at = new Date(seconds * 1000);
  return Number.isNaN(at.getTime()) ? '1970-01-01T00:00:00' : at.toISOString().slice(0, -5);
}

/** What is known of an entry before its content: name, unix mode with type bits, and time. */
export interface EntryFacts {
  name: string;
  unixMode: number;
  mtimeMs: number;
  /** Absent where it is that of the parent directory. */
  owner?: Owner;
}

export const factsOf = ({ name, owner }: PackItem): Pick<EntryFacts, 'name' | 'owner'> =>
  owner === undefined ? { name } : { name, owner };

/** What kind of thing an item is in the tree; in the zip a link with content is a file. */
export const typeOf = (item: { target?: string }): 'file' | 'symlink' =>
  item.target === undefined ? 'file' : 'symlink';

/** What its content adds. */
export interface EntryContent {
  method: Method;
  crc32: number;
  size: number;
  compressedSize: number;
}

export const headerOf = (facts: EntryFacts, content: EntryContent): EntryHeader => ({
  name: Buffer.from(facts.name, 'utf8'),
  method: content.method,
  crc32: content.crc32,
  size: content.size,
  compressedSize: content.compressedSize,
  unixMode: facts.unixMode,
  mtimeMs: facts.mtimeMs,
});

/** The manifest record of an entry, or of a link without one; directories have neither hash nor target. */
export function manifestRecord(
  facts: EntryFacts,
  type: ManifestEntry['type'],
  rest: Partial<ManifestEntry>,
): ManifestEntry {
  return {
    path: facts.name,
    type,
    size: rest.size ?? 0,
    mode: facts.unixMode & 0o7777,
    mtime: formatMtime(facts.mtimeMs),
    ...(rest.sha256 === undefined ? {} : { sha256: rest.sha256 }),
    ...(rest.target === undefined ? {} : { target: rest.target }),
    ...(rest.unstable === true ? { unstable: true as const } : {}),
    ...facts.owner,
  };
}

/** Both headers of a small entry, whose sizes are known; `offset` is relative to the batch. */
export function encodeHeaders(header: EntryHeader, offset: number): { local: Buffer; central: Buffer } {
  return {
    local: encodeLocalHeader(header, { zip64: false }),
    central: encodeCentralRecord(header, { zip64: false, offset }),
  };
}
