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
import { captureSqlite, isSqlite } from '../capture/sqlite-capture';
import { readStable } from '../capture/stable-read';
import type { FileItem, PackBatchInput, PackBatchOutput, PackItem } from '../threads/tasks';
import { changedWarning, omissionOf } from '../walk/omission';
import { ByteSink } from './byte-sink';
import { isWorthDeflating } from './compressibility';
import { encodeHeaders, type EntryFacts, headerOf, manifestRecord } from './entry-records';

/**
 * Reads, compresses and hashes a batch of small entries and formats all that the archive needs of them, so that the main thread
 * only appends. A file that cannot be read becomes an omission; the others are not affected.
 */
export function packBatch({ items, level, workDir, recycled }: PackBatchInput): PackBatchOutput {
  const estimate = estimateBytes(items);
  const packer = new BatchPacker({ level, workDir }, recycled ?? { bytes: estimate, feed: estimate });
  for (const item of items) packer.add(item);
  return packer.finish();
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
  private count = 0;
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
    if (item.kind === 'symlink') {
      const facts = { name: item.name, unixMode: S_IFLNK | 0o777, mtimeMs: item.mtimeMs };
      return this.addContent(facts, Buffer.from(item.target, 'utf8'), { type: 'symlink', target: item.target });
    }
    this.addFile(item);
  }

  finish(): PackBatchOutput {
    const { count, files, contentBytes, omissions, warnings } = this;
    const buffers = {
      bytes: this.bytes.take(),
      central: this.central.take(),
      feed: this.feed.take(),
      manifest: this.manifest.take(),
    };
    return { ...buffers, count, files, contentBytes, omissions, warnings };
  }

  private addFile(item: FileItem): void {
    try {
      const read = this.read(item);
      const facts = { name: item.name, unixMode: S_IFREG | (read.mode & 0o7777), mtimeMs: read.mtimeMs };
      this.addContent(facts, read.content, { type: 'file', unstable: read.unstable });
    } catch (error) {
      this.omissions.push(omissionOf(item.name, error));
    }
  }

  private read(item: FileItem): { content: Buffer; mode: number; mtimeMs: number; unstable: boolean } {
    if (item.captured !== undefined) {
      return {
        content: readFileSync(item.path),
        mode: item.mode,
        mtimeMs: item.mtimeMs,
        unstable: item.captured === 'unstable',
      };
    }
    const { content, stat, stable } = readStable(item.path, item);
    const { mode, mtimeMs } = stat;
    if (!isSqlite(content)) {
      if (!stable) this.warnings.push(changedWarning(item.name));
      return { content, mode, mtimeMs, unstable: !stable };
    }
    const capture = captureSqlite({ path: item.path, workDir: this.options.workDir });
    if (capture.warning !== null) this.warnings.push(capture.warning);
    return { content: readFileSync(capture.path), mode, mtimeMs, unstable: capture.kind !== 'copy' };
  }

  private addDirectory(facts: EntryFacts): void {
    this.emit(facts, { stored: Buffer.alloc(0), method: STORE, size: 0, checksum: 0 });
    this.record(manifestRecord(facts, 'directory', {}));
  }

  private addContent(
    facts: EntryFacts,
    content: Buffer,
    kind: { type: 'file' | 'symlink'; target?: string; unstable?: boolean },
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
    if (kind.unstable === true) rest.unstable = true;
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
  }
}

/** An output chunk of the size of the input: the default of 16 KiB for each small file would be garbage for the most part. */
const deflate = (content: Buffer, level: number): Buffer =>
  deflateRawSync(content, { level, chunkSize: Math.min(Math.max(content.length, 64), 1 << 16) });
