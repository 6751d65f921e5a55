import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  archiveSignature,
  DEFLATE,
  type EntryHeader,
  entryFeedHead,
  entryFeedTail,
  MANIFEST_OPEN,
  manifestClose,
  manifestSignature,
  type OpenEntry,
  type RewindableHmac,
  S_IFREG,
  startArchiveSignature,
  startManifestSignature,
  STORE,
  ZipWriter,
} from '@pawvault/archive';
import { MANIFEST_NAME, type ManifestHead, META_NAME } from '@pawvault/contracts';
import type { Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { PackBatchOutput, TaskRunner } from '../threads/tasks';
import { deflatedBlocks } from './blocks';

export interface SinkOptions {
  workDir: string;
  key: Buffer;
  /** What both signatures cover besides content; fixed before the first entry. */
  canonicalMeta: string;
  /** Milliseconds since 1970 for manifest.json and meta.json. */
  createdAtMs: number;
  level: number;
  pool: TaskRunner;
}

/** Where a streamed entry can go back to when its file changed while it was read. */
export interface EntryMark {
  entry: OpenEntry;
  signature: Hash;
}

const SPOOL_BYTES = 1 << 20;
/** Behind every record of the spool; behind the last it becomes a bare newline. */
const RECORD_END = ',\n';

/**
 * The growing archive: appends entries in order, feeds the signature and spools the manifest, all in one pass.
 * Order is `data/…`, `manifest.json`, `meta.json`: the code-point order that the signature wants, and the only one in which the
 * signature is known when meta.json is written.
 */
export class ArchiveSink {
  private readonly signature: RewindableHmac;
  private spooled: Buffer[] = [Buffer.from(MANIFEST_OPEN)];
  private spooledBytes = 0;
  /** Where the spool ends. Positions are given with every write: a handle does not follow when its file is cut. */
  private spoolEnd = 0;
  private records = 0;

  private constructor(
    readonly path: string,
    private readonly writer: ZipWriter,
    private readonly spool: FileHandle,
    private readonly options: SinkOptions,
  ) {
    this.signature = startArchiveSignature(options.key, options.canonicalMeta);
  }

  static async create(options: SinkOptions): Promise<ArchiveSink> {
    const path = join(options.workDir, 'archive.tmp');
    const writer = await ZipWriter.create(path);
    try {
      const spool = await open(join(options.workDir, 'manifest.tmp'), 'wx+', 0o600);
      return new ArchiveSink(path, writer, spool, options);
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  /** Records of the manifest so far. */
  get count(): number {
    return this.records;
  }

  async appendBatch(batch: PackBatchOutput): Promise<void> {
    const { bytes, count } = batch;
    // Copied to size: records stay until the end, and must not hold the slack of their buffer.
    await this.writer.appendBatch({ bytes, central: Buffer.from(batch.central), count });
    this.signature.update(batch.feed);
    await this.appendManifest(Buffer.from(batch.manifest), batch.records);
  }

  /** @param expectedSize bytes of content at most */
  async beginEntry(header: EntryHeader, expectedSize: number): Promise<EntryMark> {
    const signature = this.signature.checkpoint();
    const entry = await this.writer.beginEntry(header, expectedSize);
    this.signature.update(...entryFeedHead(header.name));
    return { entry, signature };
  }

  async append(raw: Uint8Array, stored: Uint8Array): Promise<void> {
    this.signature.update(raw);
    await this.writer.write(stored);
  }

  async endEntry(mark: EntryMark, manifestRecord: string): Promise<void> {
    this.signature.update(entryFeedTail(mark.entry.header.size));
    await this.writer.endEntry(mark.entry);
    await this.appendRecord(manifestRecord);
  }

  /** For what has no entry in the zip. */
  appendRecord(manifestRecord: string): Promise<void> {
    return this.appendManifest(Buffer.from(`${manifestRecord}${RECORD_END}`), 1);
  }

  /** As if the entry had never begun. */
  rewind(mark: EntryMark): void {
    this.writer.abandonEntry(mark.entry);
    this.signature.rewind(mark.signature);
  }

  /**
   * Appends manifest.json and meta.json, closes the zip and makes it durable.
   * @param encodeMeta meta.json with both signatures
   * @returns bytes of the archive
   */
  async finish(
    head: ManifestHead,
    encodeMeta: (signatures: { signature: string; manifest_signature: string }) => Buffer,
  ): Promise<number> {
    await this.closeSpool(head);
    const manifestHmac = startManifestSignature(this.options.key, this.options.canonicalMeta);
    await this.writeManifest(manifestHmac);
    const meta = encodeMeta({
      signature: archiveSignature(this.signature),
      manifest_signature: manifestSignature(manifestHmac),
    });
    await this.writeMeta(meta);
    return this.writer.finish();
  }

  async abort(): Promise<void> {
    await this.writer.abort();
    await this.spool.close().catch(() => undefined);
  }

  private async appendManifest(records: Buffer, count: number): Promise<void> {
    this.spooled.push(records);
    this.spooledBytes += records.length;
    this.records += count;
    if (this.spooledBytes >= SPOOL_BYTES) await this.flushSpool();
  }

  private async flushSpool(): Promise<void> {
    const bytes = Buffer.concat(this.spooled);
    this.spooled = [];
    this.spooledBytes = 0;
    await this.writeSpool(bytes);
  }

  private async writeSpool(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.spool.write(bytes, done, bytes.length - done, this.spoolEnd);
      done += bytesWritten;
      this.spoolEnd += bytesWritten;
    }
  }

  private async closeSpool(head: ManifestHead): Promise<void> {
    await this.flushSpool();
    const lastLine = this.records > 0 ? '\n' : '';
    if (this.records > 0) this.spoolEnd -= RECORD_END.length;
    await this.writeSpool(Buffer.from(lastLine + manifestClose(head)));
  }

  private async writeManifest(hmac: RewindableHmac): Promise<void> {
    const header = this.plainHeader(MANIFEST_NAME, DEFLATE);
    const mark = await this.beginEntry(header, this.spoolEnd);
    for await (const block of deflatedBlocks(this.spool, this.spoolEnd, this.options)) {
      if ('failure' in block) throw block.failure;
      header.crc32 = crc32(block.raw, header.crc32);
      header.size += block.raw.length;
      header.compressedSize += block.stored.length;
      hmac.update(block.raw);
      await this.append(block.raw, block.stored);
    }
    this.signature.update(entryFeedTail(header.size));
    await this.writer.endEntry(mark.entry);
    await this.spool.close();
  }

  /** meta.json holds the signature and is therefore not covered by it. */
  private async writeMeta(meta: Buffer): Promise<void> {
    const header = {
      ...this.plainHeader(META_NAME, STORE),
      crc32: crc32(meta),
      size: meta.length,
      compressedSize: meta.length,
    };
    const entry = await this.writer.beginEntry(header, meta.length);
    await this.writer.write(meta);
    await this.writer.endEntry(entry);
  }

  private plainHeader(name: string, method: typeof STORE | typeof DEFLATE): EntryHeader {
    const empty = { crc32: 0, size: 0, compressedSize: 0 };
    return { name: Buffer.from(name), method, ...empty, unixMode: S_IFREG | 0o600, mtimeMs: this.options.createdAtMs };
  }
}
