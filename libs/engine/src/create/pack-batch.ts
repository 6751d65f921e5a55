import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';
import {
  DEFLATE,
  entryFeedHead,
  entryFeedTail,
  manifestLine,
  S_IFDIR,
  S_IFLNK,
  S_IFREG,
  STORE,
} from '@pawvault/archive';
import type { JobWarning, ManifestEntry, Omission } from '@pawvault/contracts';
import { ListedDirectories, locationOf, openFile } from '../capture/located';
import { captureSqlite, removeCopy } from '../capture/sqlite-capture';
import { isSqlite } from '../capture/sqlite-header';
import { readStable } from '../capture/stable-read';
import type { CapturedCopy, FileItem, PackBatchInput, PackBatchOutput, PackItem } from '../threads/tasks';
import { changedWarning, omissionOf } from '../walk/omission';
import { ByteSink } from './byte-sink';
import { isWorthDeflating } from './compressibility';
import { encodeHeaders, type EntryFacts, factsOf, headerOf, manifestRecord, typeOf } from './entry-records';

/**
 * Reads, compresses and hashes a batch of small entries and formats all that the archive needs of them, so that the main thread
 * only appends. A file that cannot be read becomes an omission; the others are not affected.
 */
export function packBatch({ items, level, workDir, recycled }: PackBatchInput): PackBatchOutput {
  const estimate = estimateBytes(items);
  const packer = new BatchPacker({ level, workDir }, recycled ?? { bytes: estimate, feed: estimate });
  try {
    for (const item of items) packer.add(item);
    return packer.finish();
  } finally {
    packer.close();
  }
}

const estimateBytes = (items: PackItem[]): number =>
  items.reduce((sum, item) => sum + 256 + (item.kind === 'file' ? item.size : 0), 0);

class BatchPacker {
  private readonly bytes: ByteSink;
  private readonly feed: ByteSink;
  private readonly central = new ByteSink(8192);
  private readonly manifest = new ByteSink(16384);
  private readonly omissions: Omission[] = [];
  private readonly warnings: JobWarning[] = [];
  private readonly directories = new ListedDirectories();
  private count = 0;
  private records = 0;
  private files = 0;
  private contentBytes = 0;

  constructor(
    private readonly options: { level: number; workDir: string },
    memory: { bytes: ArrayBuffer | number; feed: ArrayBuffer | number },
  ) {
    this.bytes = new ByteSink(memory.bytes);
    this.feed = new ByteSink(memory.feed);
  }

  add(item: PackItem): void {
    if (item.kind === 'directory') return this.addDirectory({ ...item, unixMode: S_IFDIR | (item.mode & 0o7777) });
    if (item.kind === 'symlink') return this.addLink(item);
    this.addFile(item);
  }

  finish(): PackBatchOutput {
    const { count, records, files, contentBytes, omissions, warnings } = this;
    const buffers = {
      bytes: this.bytes.take(),
      central: this.central.take(),
      feed: this.feed.take(),
      manifest: this.manifest.take(),
    };
    return { ...buffers, count, records, files, contentBytes, omissions, warnings };
  }

  close(): void {
    this.directories.close();
  }

  private addFile(item: FileItem): void {
    let read: Content;
    try {
      read = this.read(item);
    } catch (error) {
      if (item.target === undefined) this.omissions.push(omissionOf(item.name, error));
      // The link itself is there; only what it led to is not, any more.
      else this.addLink({ ...item, target: item.target });
      return;
    }
    const { content, unstable } = read;
    const { target } = item;
    // A reader could not tell it from a link of earlier versions, whose content is its target.
    if (target !== undefined && content.equals(Buffer.from(target))) return this.addLink({ ...item, target });
    const times = target === undefined ? read : item;
    const facts = { ...factsOf(item), unixMode: S_IFREG | (read.mode & 0o7777), mtimeMs: times.mtimeMs };
    this.addContent(facts, content, { type: typeOf(item), target, unstable });
  }

  private read(item: FileItem): Content {
    if (item.captured !== undefined) return { content: readCopy(item.captured), ...timesOf(item, item.captured) };
    const directory = this.directories.hold(item.place);
    const file = { name: item.base, open: () => openFile(directory, item.base) };
    const { content, stat, stable } = readStable(file, item);
    const { mode, mtimeMs } = stat;
    if (item.raw === undefined && isSqlite(content)) return this.readDatabase(item, { content, mode, mtimeMs });
    if (!stable) this.warnings.push(changedWarning(item.name));
    return { content, mode, mtimeMs, unstable: !stable || item.raw === true };
  }

  private readDatabase(item: FileItem, read: Omit<Content, 'unstable'>): Content {
    const capture = captureSqlite({ at: locationOf(item), workDir: this.options.workDir });
    if (capture.warning !== null) this.warnings.push(capture.warning);
    if (capture.kind === 'raw') return { ...read, unstable: true };
    return { ...read, content: readCopy(capture.copy), unstable: capture.copy.state === 'unstable' };
  }

  /** A link that stands in the manifest alone. */
  private addLink(item: PackItem & { target: string }): void {
    const facts = { ...factsOf(item), unixMode: S_IFLNK | 0o777, mtimeMs: item.mtimeMs };
    this.record(manifestRecord(facts, 'symlink', { target: item.target }));
    this.files += 1;
  }

  private addDirectory(facts: EntryFacts): void {
    this.emit(facts, { stored: Buffer.alloc(0), method: STORE, size: 0, checksum: 0 });
    this.record(manifestRecord(facts, 'directory', {}));
  }

  private addContent(
    facts: EntryFacts,
    content: Buffer,
    kind: { type: 'file' | 'symlink'; target: string | undefined; unstable: boolean },
  ): void {
    const deflated = isWorthDeflating(content) ? deflate(content, this.options.level) : content;
    const shrunk = deflated.length < content.length;
    const name = this.emit(facts, {
      stored: shrunk ? deflated : content,
      method: shrunk ? DEFLATE : STORE,
      size: content.length,
      checksum: crc32(content),
    });
    this.feed.push(...entryFeedHead(name), content, entryFeedTail(content.length));
    const sha256 = hash('sha256', content, 'hex');
    const rest: Partial<ManifestEntry> = { size: content.length, sha256 };
    if (kind.target !== undefined) rest.target = kind.target;
    if (kind.unstable) rest.unstable = true;
    this.record(manifestRecord(facts, kind.type, rest));
    this.files += 1;
    this.contentBytes += content.length;
  }

  /** @returns the name as it stands in the headers */
  private emit(facts: EntryFacts, data: { stored: Buffer; method: 0 | 8; size: number; checksum: number }): Buffer {
    const { stored, method, size, checksum } = data;
    const header = headerOf(facts, { method, crc32: checksum, size, compressedSize: stored.length });
    const { local, central } = encodeHeaders(header, this.bytes.length);
    this.bytes.push(local, stored);
    this.central.push(central);
    this.count += 1;
    return header.name;
  }

  private record(entry: ManifestEntry): void {
    this.manifest.pushText(`${manifestLine(entry)},\n`);
    this.records += 1;
  }
}

interface Content {
  content: Buffer;
  mode: number;
  mtimeMs: number;
  unstable: boolean;
}

const timesOf = ({ mode, mtimeMs }: FileItem, { state }: CapturedCopy): Omit<Content, 'content'> => ({
  mode,
  mtimeMs,
  unstable: state === 'unstable',
});

/** The copy has served its purpose: other databases need its room. */
function readCopy(copy: CapturedCopy): Buffer {
  try {
    return readFileSync(copy.path);
  } finally {
    removeCopy(copy);
  }
}

/** An output chunk of the size of the input: the default of 16 KiB for each small file would be garbage for the most part. */
const deflate = (content: Buffer, level: number): Buffer =>
  deflateRawSync(content, { level, chunkSize: Math.min(Math.max(content.length, 64), 1 << 16) });
