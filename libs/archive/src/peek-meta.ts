import { type FileHandle, open } from 'node:fs/promises';
import { MANIFEST_NAME, META_NAME, type TrustState } from '@pawvault/contracts';
import { entryContent, type EntrySource } from './entry-stream';
import type { ArchiveLimits } from './limits';
import { manifestSignatureState } from './manifest-codec';
import { parseMeta, type SignedMeta } from './meta-codec';
import { atEdges, type FoundMeta } from './directory-edges';
import { type DirectoryLocation, locateDirectory, readDirectory } from './zip-directory';
import { refuse, type ZipEntry } from './zip-entry';

export interface PeekedMeta {
  meta: SignedMeta;
  hasManifest: boolean;
}

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

async function bySearch(handle: FileHandle, location: DirectoryLocation, limits: ArchiveLimits): Promise<FoundMeta> {
  const entries = await readDirectory(handle, location, limits);
  const meta = entries.find((entry) => entry.name === META_NAME);
  if (meta === undefined) throw refuse('ARCHIVE_META_MISSING', null);
  return { meta, manifest: entries.find((entry) => entry.name === MANIFEST_NAME) ?? null };
}
