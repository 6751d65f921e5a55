import {
  DomainError,
  MANIFEST_NAME,
  MANIFEST_VERSION,
  type ManifestEntry,
  type ManifestHead,
  type ModuleStats,
  type TrustState,
} from '@pawvault/contracts';
import type { ArchiveReader } from './archive-reader';
import type { SignedMeta } from './meta-codec';
import { MANIFEST_SCHEME, manifestSignature, sameSignature, startManifestSignature } from './signature';

/**
 * manifest.json is one JSON document with one record a line, so that a reader needs memory for one record only:
 * line 1 `{"entries":[`, then an entry a line with a trailing comma but for the last, then `],"head":{…}}` with everything else.
 */
export const MANIFEST_OPEN = '{"entries":[\n';

/** @param head printed behind the entries because omissions and totals are known only then */
export const manifestClose = (head: ManifestHead): string => `],"head":${JSON.stringify(head)}}\n`;

/** Without the separator; the writer puts `,\n` between records and `\n` behind the last. */
export const manifestLine = (entry: ManifestEntry): string => JSON.stringify(entry);

/** A single line may not be longer; an entry has a path of 4,096 bytes and a target of as many at most, but the head lists omissions. */
const MAX_LINE_BYTES = 512 * 1024 * 1024;

/** @throws DomainError ARCHIVE_MANIFEST_INVALID */
export async function* manifestEntries(reader: ArchiveReader): AsyncGenerator<ManifestEntry> {
  for await (const line of manifestLines(reader)) if (line.kind === 'entry') yield line.entry;
}

/** The manifest without its entries, or null where the archive has none. @throws DomainError ARCHIVE_MANIFEST_INVALID */
export async function readManifestHead(reader: ArchiveReader): Promise<ManifestHead | null> {
  if (reader.get(MANIFEST_NAME) === undefined) return null;
  for await (const line of manifestLines(reader, { entries: 'skip' })) if (line.kind === 'head') return line.head;
  throw invalid('it has no head');
}

type Line = { kind: 'entry'; entry: ManifestEntry } | { kind: 'head'; head: ManifestHead };

/** Walks the document line by line and holds it to its form. `entries: 'skip'` parses only the head. */
export async function* manifestLines(
  reader: ArchiveReader,
  options: { entries: 'parse' | 'skip' } = { entries: 'parse' },
): AsyncGenerator<Line> {
  const entry = reader.get(MANIFEST_NAME);
  if (entry === undefined) return;
  let opened = false;
  let closed = false;
  for await (const line of lines(reader.content(entry))) {
    if (closed) throw invalid('text behind the end');
    if (!opened) {
      if (`${line}\n` !== MANIFEST_OPEN) throw invalid('it does not begin as a manifest');
      opened = true;
    } else if (line.startsWith('],"head":')) {
      closed = true;
      yield { kind: 'head', head: parseHead(line) };
    } else if (options.entries === 'parse') {
      yield { kind: 'entry', entry: parseEntry(line) };
    }
  }
  if (!closed) throw invalid('it ends early');
}

async function* lines(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const text = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10, start)) {
      yield text.toString('utf8', start, end);
      start = end + 1;
    }
    rest = text.subarray(start);
    if (rest.length > MAX_LINE_BYTES) throw invalid('a line is too long');
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

function parseEntry(line: string): ManifestEntry {
  const value = parse(line.endsWith(',') ? line.slice(0, -1) : line);
  if (!isManifestEntry(value)) throw invalid('a record has not the form of an entry');
  return value;
}

function isManifestEntry(value: unknown): value is ManifestEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { path, type, size, mode, mtime, sha256 } = value as Partial<ManifestEntry>;
  const typed =
    type === 'directory' || ((type === 'file' || type === 'symlink') && /^[0-9a-f]{64}$/.test(sha256 ?? ''));
  const counted = Number.isSafeInteger(size) && Number.isSafeInteger(mode);
  return typeof path === 'string' && typed && counted && typeof mtime === 'string';
}

function parseHead(line: string): ManifestHead {
  const value = parse(line.slice('],"head":'.length, -1));
  const head = value as Partial<ManifestHead> | null;
  const sound =
    typeof head === 'object' &&
    head?.version === MANIFEST_VERSION &&
    Number.isSafeInteger(head.entry_count) &&
    Array.isArray(head.omissions) &&
    head.omissions.every((omission) => typeof omission?.path === 'string' && typeof omission.reason === 'string') &&
    Array.isArray(head.exclusions) &&
    head.exclusions.every((exclusion) => areStats(exclusion) && typeof exclusion.rule === 'string') &&
    Object.values(head.agents ?? { none: null }).every((agent) => areStats(agent) && typeof agent.name === 'string') &&
    Object.values(head.modules ?? { none: null }).every(areStats);
  if (!sound) throw invalid('its head is not valid');
  return value as ManifestHead;
}

const areStats = (value: ModuleStats | null | undefined): value is ModuleStats =>
  Number.isSafeInteger(value?.files) && Number.isSafeInteger(value?.bytes);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DomainError('ARCHIVE_MANIFEST_INVALID', 'manifest.json is not valid JSON', {}, { cause: error });
  }
}

/**
 * Whose key signed meta and manifest, without reading the rest. 'unchecked' where the archive has no manifest signature: then only the
 * archive signature over all content can tell.
 */
export async function manifestSignatureState(
  reader: Pick<ArchiveReader, 'get' | 'content'>,
  meta: SignedMeta,
  key: Buffer | null,
): Promise<TrustState> {
  const entry = reader.get(MANIFEST_NAME);
  if (meta.manifest_signature === null || entry === undefined)
    return meta.signature === null ? 'unsigned' : 'unchecked';
  if (!meta.manifest_signature.startsWith(`${MANIFEST_SCHEME}:`)) return 'unknown_scheme';
  if (key === null) return 'mismatch';
  const hmac = startManifestSignature(key, meta.canonical);
  for await (const piece of reader.content(entry)) hmac.update(piece);
  return sameSignature(manifestSignature(hmac), meta.manifest_signature) ? 'valid' : 'mismatch';
}

const invalid = (why: string): DomainError => new DomainError('ARCHIVE_MANIFEST_INVALID', `manifest.json: ${why}`);
