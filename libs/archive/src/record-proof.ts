import type { FileHandle } from 'node:fs/promises';
import { MANIFEST_NAME, META_NAME } from '@pawvault/contracts';
import { atEdges, firstRecord, recordLength } from './directory-edges';
import type { ArchiveLimits } from './limits';
import { assertWithin, type DirectoryLocation, readExactly } from './zip-directory';
import { parseCentralRecord, refuse } from './zip-entry';
import {
  CENTRAL_BYTES,
  CENTRAL_SIGNATURE,
  EXTRA_UNICODE_PATH,
  FLAG_UTF8,
  LOCAL_SIGNATURE,
  MAX_U16,
} from './zip-format';

const HOP_BYTES = 1 << 20;
/** What a listing may read of every directory: it reaches as far back as any record does, and smaller directories are read whole. */
const LOOK_BYTES = 1 << 18;
/** A record is at most this long: fixed part plus three 16-bit lengths. */
const REACH_BYTES = CENTRAL_BYTES + 3 * MAX_U16;

/**
 * Proves, for what a look may cost, that what was found at the edges are the records that a reader of the whole directory finds: no bytes of
 * a comment that look like some, and not one of two. Of a directory above 256 KiB a second meta.json is only seen when it comes first.
 * @throws DomainError ARCHIVE_DIRECTORY_AMBIGUOUS, ARCHIVE_NAME_DUPLICATE, ARCHIVE_DIRECTORY_INVALID, ARCHIVE_FOREIGN_BYTES,
 *   ARCHIVE_LIMIT_EXCEEDED
 */
export async function assertPlausibleAt(
  handle: FileHandle,
  location: DirectoryLocation,
  { at, limits }: { at: number; limits: ArchiveLimits },
): Promise<void> {
  if (location.size <= LOOK_BYTES || (await mayLieInside(handle, location, at))) {
    await assertRecordAt(handle, location, { at, limits });
    return;
  }
  if (at === location.offset) return;
  const first = await firstRecord(handle, location, limits);
  if (first?.name === META_NAME) throw refuse('ARCHIVE_NAME_DUPLICATE', META_NAME);
}

/**
 * For who has read the whole directory: a look at its edges must find the very same records. Those that hide in a comment at its end would show
 * a listing another archive than the one that is restored.
 * @throws DomainError as {@link assertRecordAt}
 */
export async function assertSameAtEdges(
  handle: FileHandle,
  location: DirectoryLocation,
  limits: ArchiveLimits,
): Promise<void> {
  const found = await atEdges(handle, location, limits);
  if (found !== null) await assertRecordAt(handle, location, { at: found.at, limits });
}

/** Whether something in front of `at` looks like a record that reaches over it. Where nothing does, a record begins at `at`. */
async function mayLieInside(handle: FileHandle, location: DirectoryLocation, at: number): Promise<boolean> {
  const from = Math.max(location.offset, at - REACH_BYTES);
  const bytes = await readExactly(handle, from, at + CENTRAL_BYTES - from);
  const last = at - from;
  // By hand: there are thousands of candidates, and leaving for native code at each of them would take longer than all of this.
  for (let start = 0; start < last; start += 1)
    if (
      bytes[start] === 0x50 &&
      bytes.readUInt32LE(start) === CENTRAL_SIGNATURE &&
      start + recordLength(bytes, start) > last
    )
      return true;
  return false;
}

/**
 * Proves that what was found at the edges are records of the directory, the only ones of their names. Hops from record to record, which takes
 * next to nothing beside reading them.
 * @throws DomainError ARCHIVE_DIRECTORY_AMBIGUOUS, ARCHIVE_NAME_DUPLICATE, ARCHIVE_DIRECTORY_INVALID, ARCHIVE_FOREIGN_BYTES,
 *   ARCHIVE_LIMIT_EXCEEDED
 */
export async function assertRecordAt(
  handle: FileHandle,
  location: DirectoryLocation,
  { at, limits }: { at: number; limits: ArchiveLimits },
): Promise<void> {
  assertWithin(location, limits);
  const end = location.offset + location.size;
  const seen = new Set<string>();
  let isRecord = false;
  let count = 0;
  let first = Number.MAX_SAFE_INTEGER;
  for (let position = location.offset; position < end;) {
    const bytes = await readExactly(handle, position, Math.min(HOP_BYTES + REACH_BYTES, end - position));
    const until = position + bytes.length === end ? bytes.length : HOP_BYTES;
    let hopped = 0;
    while (hopped < until) {
      const length = wholeRecord(bytes, hopped);
      isRecord ||= position + hopped === at;
      count += 1;
      first = Math.min(first, bytes.readUInt32LE(hopped + 42));
      noteName(bytes, hopped, { seen, limits });
      hopped += length;
    }
    position += hopped;
  }
  if (count !== location.count)
    throw refuse('ARCHIVE_DIRECTORY_INVALID', null, { reason: 'another number of records' });
  if (!isRecord) throw refuse('ARCHIVE_DIRECTORY_AMBIGUOUS', META_NAME);
  if (first !== 0) throw refuse('ARCHIVE_FOREIGN_BYTES', null, FOREIGN_START);
}

/**
 * What a listing can tell for four bytes: that an entry begins with the file. Where it may read the whole directory, it sees that it is one of these.
 * @throws DomainError ARCHIVE_FOREIGN_BYTES
 */
export async function assertBeginsWithEntry(handle: FileHandle): Promise<void> {
  const signature = (await readExactly(handle, 0, 4)).readUInt32LE(0);
  if (signature !== LOCAL_SIGNATURE) throw refuse('ARCHIVE_FOREIGN_BYTES', null, FOREIGN_START);
}

const FOREIGN_START = { reason: 'the first entry does not begin with the file' };

/** @returns its length @throws DomainError ARCHIVE_DIRECTORY_AMBIGUOUS where none is: the edges have shown one */
function wholeRecord(bytes: Buffer, at: number): number {
  const isThere = at + CENTRAL_BYTES <= bytes.length && bytes.readUInt32LE(at) === CENTRAL_SIGNATURE;
  const length = isThere ? recordLength(bytes, at) : Infinity;
  if (at + length > bytes.length) throw refuse('ARCHIVE_DIRECTORY_AMBIGUOUS', META_NAME);
  return length;
}

const DOCUMENTS = [META_NAME, MANIFEST_NAME].map((name) => ({ name, raw: Buffer.from(name) }));

/** Only of the names that a listing looks for, also where another field than the name tells them. */
function noteName(bytes: Buffer, at: number, { seen, limits }: { seen: Set<string>; limits: ArchiveLimits }): void {
  const name = documentAt(bytes, at, limits);
  if (name === null) return;
  if (seen.has(name)) throw refuse('ARCHIVE_NAME_DUPLICATE', name);
  seen.add(name);
}

function documentAt(bytes: Buffer, at: number, limits: ArchiveLimits): string | null {
  const nameEnd = at + CENTRAL_BYTES + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  const isUtf8 = (bytes.readUInt16LE(at + 8) & FLAG_UTF8) !== 0;
  if (!isUtf8 && bytes.subarray(nameEnd, extraEnd).includes(UNICODE_PATH)) {
    const { name } = parseCentralRecord(bytes, at, limits).entry;
    return DOCUMENTS.some((each) => each.name === name) ? name : null;
  }
  const found = DOCUMENTS.find(
    ({ raw }) =>
      nameEnd - at - CENTRAL_BYTES === raw.length &&
      bytes.compare(raw, 0, raw.length, at + CENTRAL_BYTES, nameEnd) === 0,
  );
  return found?.name ?? null;
}

const UNICODE_PATH = Buffer.from([EXTRA_UNICODE_PATH & 0xff, EXTRA_UNICODE_PATH >>> 8]);
