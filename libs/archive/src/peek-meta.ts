import type { FileHandle } from 'node:fs/promises';
import { MANIFEST_NAME, META_NAME, type TrustState } from '@pawvault/contracts';
import { openRegular } from './archive-reader';
import { entryContent, type EntrySource } from './entry-stream';
import type { ArchiveLimits } from './limits';
import { manifestSignatureState } from './manifest-codec';
import { parseMeta, type SignedMeta } from './meta-codec';
import { atEdges, type FoundMeta } from './directory-edges';
import { assertBeginsWithEntry, assertPlausibleAt, assertRecordAt } from './record-proof';
import { type DirectoryLocation, directoryPieces, locateDirectory } from './zip-directory';
import { refuse, type ZipEntry } from './zip-entry';

export interface PeekedMeta {
  meta: SignedMeta;
  hasManifest: boolean;
}

/**
 * Reads the metadata of an archive for a listing without reading its directory: PawVault writes meta.json last, QwenPaw first. Only an
 * archive with another order costs a full read. What else is in the archive is not checked here, but that this meta.json is the one that
 * whoever opens the archive gets, as {@link assertPlausibleAt} tells.
 * @throws DomainError ARCHIVE_*
 */
export function peekMeta(path: string, limits: ArchiveLimits): Promise<PeekedMeta> {
  return withEdges(path, limits, async ({ source, found, location }) => {
    if (found.at !== null) await assertPlausibleAt(source.handle, location, { at: found.at, limits });
    return { meta: await readMeta(source, found, limits), hasManifest: found.manifest !== null };
  });
}

/**
 * Whose key signed meta and manifest, as {@link manifestSignatureState} tells, without parsing the directory either. What else is in the
 * archive is not looked at: whether it is sound takes {@link openArchive} or a verification.
 */
export function peekTrust(path: string, limits: ArchiveLimits, key: Buffer | null): Promise<TrustState> {
  return withEdges(path, limits, async ({ source, found, location }) => {
    // Without this, an archive could show a signed face to a listing and another to whoever opens it.
    if (found.at !== null) await assertRecordAt(source.handle, location, { at: found.at, limits });
    const reader = {
      get: (name: string) => (name === MANIFEST_NAME ? (found.manifest ?? undefined) : undefined),
      content: (entry: ZipEntry) => entryContent(source, entry),
    };
    const { manifest } = found;
    if (manifest !== null && manifest.size > limits.maxManifestBytes)
      throw refuse('ARCHIVE_LIMIT_EXCEEDED', MANIFEST_NAME, {
        limit: 'PAWVAULT_LIMIT_MANIFEST_BYTES',
        bytes: manifest.size,
      });
    return manifestSignatureState(reader, await readMeta(source, found, limits), key);
  });
}

interface Edges {
  source: EntrySource;
  location: DirectoryLocation;
  /** `at` is null for what a walk through the whole directory has found. */
  found: FoundMeta & { at: number | null };
}

async function withEdges<T>(path: string, limits: ArchiveLimits, act: (edges: Edges) => Promise<T>): Promise<T> {
  const handle = await openRegular(path);
  try {
    const { size } = await handle.stat();
    const location = await locateDirectory(handle, size);
    if (location.count > 0) await assertBeginsWithEntry(handle);
    const found = (await atEdges(handle, location, limits)) ?? {
      ...(await bySearch(handle, location, limits)),
      at: null,
    };
    const source = { handle, directoryOffset: location.offset, directorySize: location.size };
    return await act({ source, location, found });
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

/** Remembers two entries of the directory, however many it has. */
async function bySearch(handle: FileHandle, location: DirectoryLocation, limits: ArchiveLimits): Promise<FoundMeta> {
  const found = new Map<string, ZipEntry>();
  for await (const { records } of directoryPieces(handle, location, limits)) {
    for (const { entry } of records) {
      if (entry.name !== META_NAME && entry.name !== MANIFEST_NAME) continue;
      if (found.has(entry.name)) throw refuse('ARCHIVE_NAME_DUPLICATE', entry.name);
      found.set(entry.name, entry);
    }
  }
  const meta = found.get(META_NAME);
  if (meta === undefined) throw refuse('ARCHIVE_META_MISSING', null);
  return { meta, manifest: found.get(MANIFEST_NAME) ?? null };
}
