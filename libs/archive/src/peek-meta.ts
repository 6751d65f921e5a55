import { type FileHandle, open } from 'node:fs/promises';
import { MANIFEST_NAME, META_NAME, type TrustState } from '@pawvault/contracts';
import { entryContent, type EntrySource } from './entry-stream';
import type { ArchiveLimits } from './limits';
import { manifestSignatureState } from './manifest-codec';
import { parseMeta, type SignedMeta } from './meta-codec';
import { type DirectoryLocation, locateDirectory, readDirectory, readExactly } from './zip-directory';
import { parseCentralRecord, refuse, type ZipEntry } from './zip-entry';
import { CENTRAL_BYTES, CENTRAL_SIGNATURE } from './zip-format';

export interface PeekedMeta {
  meta: SignedMeta;
  hasManifest: boolean;
}

/** Room for the records of manifest.json and meta.json at the end of the directory, or of meta.json at its start. */
const EDGE_BYTES = 1024;

/**
 * Reads the metadata of an archive for a listing without reading its directory: PawVault writes meta.json last, QwenPaw first. Only an
 * archive with another order costs a full read. Nothing but meta.json is checked here.
 */
export function peekMeta(path: string, limits: ArchiveLimits): Promise<PeekedMeta> {
  return withEdges(path, limits, async ({ source, found }) => ({
    meta: await readMeta(source, found, limits),
    hasManifest: found.manifest !== null,
  }));
}

/**
 * Whose key signed meta and manifest, as {@link manifestSignatureState} tells, without reading the directory either. What else is in the
 * archive is not looked at: whether it is sound takes {@link openArchive} or a verification.
 */
export function peekTrust(path: string, limits: ArchiveLimits, key: Buffer | null): Promise<TrustState> {
  return withEdges(path, limits, async ({ source, found }) => {
    const reader = {
      get: (name: string) => (name === MANIFEST_NAME ? (found.manifest ?? undefined) : undefined),
      content: (entry: ZipEntry) => entryContent(source, entry),
    };
    return manifestSignatureState(reader, await readMeta(source, found, limits), key);
  });
}

interface Edges {
  source: EntrySource;
  found: FoundMeta;
}

async function withEdges<T>(path: string, limits: ArchiveLimits, act: (edges: Edges) => Promise<T>): Promise<T> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const location = await locateDirectory(handle, size);
    const found = (await atEdges(handle, location, limits)) ?? (await bySearch(handle, location, limits));
    return await act({ source: { handle, directoryOffset: location.offset, directorySize: location.size }, found });
  } finally {
    await handle.close();
  }
}

async function readMeta(source: EntrySource, { meta }: FoundMeta, limits: ArchiveLimits): Promise<SignedMeta> {
  if (meta.size > limits.maxMetaBytes) throw refuse('ARCHIVE_LIMIT_EXCEEDED', META_NAME, { bytes: meta.size });
  const pieces: Buffer[] = [];
  for await (const piece of entryContent(source, meta)) pieces.push(piece);
  return parseMeta(Buffer.concat(pieces));
}

interface FoundMeta {
  meta: ZipEntry;
  manifest: ZipEntry | null;
}

async function atEdges(
  handle: FileHandle,
  location: DirectoryLocation,
  limits: ArchiveLimits,
): Promise<FoundMeta | null> {
  const tailSize = Math.min(EDGE_BYTES, location.size);
  const tail = await readExactly(handle, location.offset + location.size - tailSize, tailSize);
  const last = lastRecords(tail, limits);
  const meta = last.find((entry) => entry.name === META_NAME);
  if (meta !== undefined) return { meta, manifest: last.find((entry) => entry.name === MANIFEST_NAME) ?? null };
  const first = await firstRecord(handle, location, limits);
  // Archives with meta.json in front are QwenPaw's, which has no manifest.
  return first?.name === META_NAME ? { meta: first, manifest: null } : null;
}

/** The records that end exactly with the directory, found by their names because records cannot be walked backwards. */
function lastRecords(tail: Buffer, limits: ArchiveLimits): ZipEntry[] {
  for (const name of [MANIFEST_NAME, META_NAME]) {
    const at = tail.lastIndexOf(name) - CENTRAL_BYTES;
    const records = at >= 0 ? recordsFrom(tail, at, limits) : null;
    if (records !== null) return records;
  }
  return [];
}

function recordsFrom(tail: Buffer, start: number, limits: ArchiveLimits): ZipEntry[] | null {
  const records: ZipEntry[] = [];
  try {
    for (let at = start; at < tail.length;) {
      const { entry, end } = parseCentralRecord(tail, at, limits);
      records.push(entry);
      at = end;
    }
    return records;
  } catch {
    // Not a record boundary after all: the caller falls back to reading the whole directory.
    return null;
  }
}

async function firstRecord(
  handle: FileHandle,
  location: DirectoryLocation,
  limits: ArchiveLimits,
): Promise<ZipEntry | null> {
  const head = await readExactly(handle, location.offset, Math.min(EDGE_BYTES, location.size));
  if (head.length < CENTRAL_BYTES || head.readUInt32LE(0) !== CENTRAL_SIGNATURE) return null;
  return recordsFrom(head.subarray(0, recordLength(head)), 0, limits)?.[0] ?? null;
}

const recordLength = (head: Buffer): number =>
  CENTRAL_BYTES + head.readUInt16LE(28) + head.readUInt16LE(30) + head.readUInt16LE(32);

async function bySearch(handle: FileHandle, location: DirectoryLocation, limits: ArchiveLimits): Promise<FoundMeta> {
  const entries = await readDirectory(handle, location, limits);
  const meta = entries.find((entry) => entry.name === META_NAME);
  if (meta === undefined) throw refuse('ARCHIVE_META_MISSING', null);
  return { meta, manifest: entries.find((entry) => entry.name === MANIFEST_NAME) ?? null };
}
