import { MANIFEST_NAME, META_NAME } from '@pawvault/contracts';
import type { ArchiveReader } from './archive-reader';
import type { ArchiveLimits } from './limits';
import { directoryPieces, readExactly } from './zip-directory';
import type { ZipEntry } from './zip-entry';
import {
  dosDateTime,
  dosFields,
  encodeCentralRecord,
  encodeEnd,
  encodeLocalHeader,
  type EntryHeader,
  S_IFDIR,
  S_IFLNK,
  S_IFREG,
} from './zip-format';

/**
 * Fields that nothing else proves (versions, attributes, local times) are known in an archive that PawVault wrote: they can only be what
 * it writes. So damage to them is seen as well, before another program stumbles over it.
 */
export interface HeaderForm {
  /** False when most records have another form: another tool has packed the files anew, and its headers are its own affair. */
  own: boolean;
  /** Names of entries whose record differs; null stands for the end of the directory. */
  deviating: (string | null)[];
}

/** Compares the directory with what PawVault would have written for the same entries. */
export async function headerForm(reader: ArchiveReader, limits: ArchiveLimits): Promise<HeaderForm> {
  const deviating: (string | null)[] = [];
  const { handle, directoryOffset, directorySize } = reader.source;
  const location = { offset: directoryOffset, size: directorySize, count: reader.entries.length };
  for await (const { bytes, records } of directoryPieces(handle, location, limits)) {
    for (const { entry, start, end } of records)
      if (!isOwnRecord(bytes.subarray(start, end), entry)) deviating.push(entry.name);
  }
  const own = deviating.length * 2 < reader.entries.length;
  if (own && !(await hasOwnEnd(reader))) deviating.push(null);
  return { own, deviating: own ? deviating : [] };
}

/** Either form of the sizes may stand there: which one was chosen depends on what was expected before the content was seen. */
const isOwnRecord = (record: Buffer, entry: ZipEntry): boolean =>
  headersOf(entry).some((header) =>
    [false, true].some((zip64) => encodeCentralRecord(header, { zip64, offset: entry.offset }).equals(record)),
  );

/** @param local exactly the local header of the entry: fixed part, name and extra fields */
export const isOwnLocalHeader = (local: Uint8Array, entry: ZipEntry): boolean =>
  headersOf(entry).some((header) => [false, true].some((zip64) => encodeLocalHeader(header, { zip64 }).equals(local)));

async function hasOwnEnd({ source, size, entries }: ArchiveReader): Promise<boolean> {
  const { handle, directoryOffset, directorySize } = source;
  const start = directoryOffset + directorySize;
  const end = await readExactly(handle, start, size - start);
  return encodeEnd({ count: entries.length, directorySize, directoryOffset }).equals(end);
}

const TYPE_BITS = { file: S_IFREG, directory: S_IFDIR, symlink: S_IFLNK };
/** Modes that PawVault chooses and the manifest does not prove, by type or name. */
const FIXED_MODES = new Map<string, number>([
  ['symlink', 0o777],
  [MANIFEST_NAME, 0o600],
  [META_NAME, 0o600],
]);
/** Times that no timestamp field can hold are clamped to these in the DOS fields. */
const BEFORE_ALL_MS = Date.UTC(1800, 0);
const AFTER_ALL_MS = Date.UTC(3000, 0);

/** PawVault writes the fields of DOS in UTC. They say the time where it does not fit the timestamp field, and the reader took them for local. */
const dosTimeInUtc = (entry: ZipEntry): number => Date.UTC(...dosFields(entry.dosDateTime));

function headersOf(entry: ZipEntry): EntryHeader[] {
  const { name, method, crc32, size, compressedSize, type, mode } = entry;
  const facts = { name: Buffer.from(name), method, crc32, size, compressedSize };
  const unixMode = TYPE_BITS[type] | (FIXED_MODES.get(type) ?? FIXED_MODES.get(name) ?? mode ?? 0);
  const clamped = [BEFORE_ALL_MS, AFTER_ALL_MS].filter((time) => dosDateTime(time) === entry.dosDateTime);
  return [entry.mtimeMs, dosTimeInUtc(entry), ...clamped].map((mtimeMs) => ({ ...facts, unixMode, mtimeMs }));
}
