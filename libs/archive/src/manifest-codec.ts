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
import { isLinkOnly, isManifestEntry } from './manifest-record';
import type { SignedMeta } from './meta-codec';
import { MANIFEST_SCHEME, manifestSignature, sameSignature, startManifestSignature } from './signature';

/**
 * manifest.json is one JSON document with one record a line, so that a reader needs memory for one record only:
 * line 1 `{"entries":[`, then an entry a line with a trailing comma but for the last, then `],"head":{…}}` with everything else.
 */
export const MANIFEST_OPEN = '{"entries":[\n';

/**
 * @param head printed behind the entries because omissions and totals are known only then
 * @throws DomainError ARCHIVE_LIMIT_EXCEEDED for one that no reader would take
 */
export function manifestClose(head: ManifestHead): string {
  const line = `${HEAD_START}${JSON.stringify(head)}}`;
  if (Buffer.byteLength(line) > MAX_HEAD_BYTES || hasTooManyParts(Buffer.from(line)))
    throw new DomainError('ARCHIVE_LIMIT_EXCEEDED', 'The manifest would name too many omissions', AT_MANIFEST);
  return `${line}\n`;
}

/** Without the separator; the writer puts `,\n` between records and `\n` behind the last. */
export const manifestLine = (entry: ManifestEntry): string => JSON.stringify(entry);

const AT_MANIFEST = { entry: MANIFEST_NAME };

/** Of a record: a path and a target, both bounded, and numbers. */
const MAX_RECORD_BYTES = 1 << 20;
/** Of the head, which lists omissions. The writer holds to it as well. */
const MAX_HEAD_BYTES = 64 << 20;
/** Braces, brackets and commas of the head: what a parser makes of millions of empty objects is many times larger than the text. */
const MAX_HEAD_MARKS = 4_000_000;
const HEAD_START = '],"head":';

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
  const budget = new RecordBudget(reader);
  let opened = false;
  let closed = false;
  for await (const line of lines(reader.content(entry))) {
    if (closed) throw invalid('text behind the end');
    if (!opened) {
      if (`${line.toString('utf8')}\n` !== MANIFEST_OPEN) throw invalid('it does not begin as a manifest');
      opened = true;
    } else if (isHead(line)) {
      closed = true;
      yield { kind: 'head', head: parseHead(line) };
    } else if (options.entries === 'parse') {
      const record = parseEntry(line.toString('utf8'));
      budget.spend(record);
      yield { kind: 'entry', entry: record };
    } else {
      budget.skip();
    }
  }
  if (!closed) throw invalid('it ends early');
}

/**
 * How much a manifest may list: what the archive has, links that stand in the manifest alone as far as the limits go, and room for naming what
 * the archive has lost. No more, so that a manifest cannot keep a reader busy with what was never there.
 */
class RecordBudget {
  private records: number;
  private links: number;
  private linkBytes: number;

  constructor({ entries, limits }: Pick<ArchiveReader, 'entries' | 'limits'>) {
    this.records = entries.length * 2 + 10_000;
    this.links = limits.maxEntries;
    this.linkBytes = limits.maxDirectoryBytes;
  }

  spend(record: ManifestEntry): void {
    if (isLinkOnly(record)) {
      this.links -= 1;
      this.linkBytes -= record.path.length + (record.target?.length ?? 0);
    } else {
      this.records -= 1;
    }
    this.assertLeft();
  }

  /** For records that are passed over without a look. */
  skip(): void {
    if (this.records > 0) this.records -= 1;
    else this.links -= 1;
    this.assertLeft();
  }

  private assertLeft(): void {
    if (this.records < 0 || this.links < 0 || this.linkBytes < 0)
      throw invalid('it lists far more than the archive has');
  }
}

/** The lines without their ends. Only a line that crosses the border of two pieces is copied. */
async function* lines(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, start)) {
      const line = piece.subarray(start, end);
      yield held.length === 0 ? line : Buffer.concat([...held, line]);
      held = [];
      bytes = 0;
      start = end + 1;
    }
    held.push(piece.subarray(start));
    bytes += piece.length - start;
    if (bytes > MAX_RECORD_BYTES) assertHeadInSize(held, bytes);
  }
  if (bytes > 0) yield Buffer.concat(held);
}

function assertHeadInSize(held: Buffer[], bytes: number): void {
  const start = Buffer.concat(held.slice(0, 2).map((piece) => piece.subarray(0, HEAD_START.length)));
  if (bytes > MAX_HEAD_BYTES || !isHead(start)) throw invalid('a line is too long');
}

const isHead = (line: Buffer): boolean => line.toString('latin1', 0, HEAD_START.length) === HEAD_START;

function parseEntry(line: string): ManifestEntry {
  const value = parse(line.endsWith(',') ? line.slice(0, -1) : line);
  if (!isManifestEntry(value)) throw invalid('a record has not the form of an entry');
  return value;
}

function parseHead(line: Buffer): ManifestHead {
  if (hasTooManyParts(line)) throw invalid('its head has too many parts');
  const value = parse(line.toString('utf8', HEAD_START.length, line.length - 1));
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

function hasTooManyParts(line: Buffer): boolean {
  if (line.length <= MAX_HEAD_MARKS) return false;
  let marks = 0;
  for (const byte of line) if (byte === 0x7b || byte === 0x5b || byte === 0x2c) marks += 1;
  return marks > MAX_HEAD_MARKS;
}

const areStats = (value: ModuleStats | null | undefined): value is ModuleStats =>
  Number.isSafeInteger(value?.files) && Number.isSafeInteger(value?.bytes);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DomainError('ARCHIVE_MANIFEST_INVALID', 'manifest.json is not valid JSON', AT_MANIFEST, { cause: error });
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

const invalid = (why: string): DomainError =>
  new DomainError('ARCHIVE_MANIFEST_INVALID', `manifest.json: ${why}`, AT_MANIFEST);
