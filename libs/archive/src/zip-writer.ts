import { type FileHandle, open } from 'node:fs/promises';
import {
  CENTRAL_BYTES,
  encodeCentralRecord,
  encodeEnd,
  encodeLocalHeader,
  type EntryHeader,
  MAX_U32,
  needsZip64,
  relocateCentralRecord,
} from './zip-format';

/** Finished entries, local headers included, encoded by a thread. `central` holds their records with offsets relative to `bytes`. */
export interface EncodedBatch {
  bytes: Uint8Array;
  central: Buffer;
  count: number;
}

/** An entry whose content comes in pieces; sizes and CRC are filled in at its end. */
export interface OpenEntry {
  header: EntryHeader;
  offset: number;
  zip64: boolean;
}

/** Deflate can grow incompressible data a little; entries near the 4 GiB border get their 64-bit fields early. */
const ZIP64_MARGIN = 0x10000000;
/** Central records are flushed in pieces of about this size. */
const FLUSH_BYTES = 1 << 20;

/**
 * Writes a zip front to back. Only the headers of streamed entries are patched once their sizes are known, so the archive has no
 * data descriptors and every reader can trust its local headers.
 * Invariant: `position` is the end of what has been written; nothing behind it belongs to the archive.
 */
export class ZipWriter {
  private position = 0;
  private count = 0;
  private readonly batches: { central: Buffer; base: number }[] = [];

  private constructor(private readonly handle: FileHandle) {}

  /** @param path must not exist; created with mode 0600 */
  static async create(path: string): Promise<ZipWriter> {
    return new ZipWriter(await open(path, 'wx', 0o600));
  }

  get bytesWritten(): number {
    return this.position;
  }

  async appendBatch(batch: EncodedBatch): Promise<void> {
    const base = this.position;
    await this.write(batch.bytes);
    this.batches.push({ central: batch.central, base });
    this.count += batch.count;
  }

  /** @param expectedSize bytes of content at most; decides about 64-bit fields before the content is seen */
  async beginEntry(header: EntryHeader, expectedSize: number): Promise<OpenEntry> {
    const zip64 = expectedSize >= MAX_U32 - ZIP64_MARGIN;
    const entry = { header, offset: this.position, zip64 };
    await this.write(encodeLocalHeader(header, { zip64 }));
    return entry;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, this.position + done);
      done += bytesWritten;
    }
    this.position += done;
  }

  /** Completes an entry: `entry.header` carries the final CRC and sizes. */
  async endEntry(entry: OpenEntry): Promise<void> {
    const { header, offset, zip64 } = entry;
    if (!zip64 && needsZip64(header.size, header.compressedSize)) throw new RangeError('entry outgrew its header');
    const local = encodeLocalHeader(header, { zip64 });
    await this.handle.write(local, 0, local.length, offset);
    const central = encodeCentralRecord(header, { zip64, offset: 0 });
    this.batches.push({ central, base: offset });
    this.count += 1;
  }

  /** Forgets an entry that was begun and not ended; its bytes are overwritten by what comes next. */
  abandonEntry(entry: OpenEntry): void {
    this.position = entry.offset;
  }

  /**
   * Takes over central records of another archive whose entries were written raw.
   * @param shift bytes by which their local headers moved
   */
  adoptRecords(records: readonly Buffer[], shift: number): void {
    this.batches.push({ central: Buffer.concat(records), base: shift });
    this.count += records.length;
  }

  /** Writes the directory, makes everything durable and closes the file. @returns bytes of the archive */
  async finish(): Promise<number> {
    const directoryOffset = this.position;
    for (const chunk of this.directoryChunks()) await this.write(chunk);
    const directorySize = this.position - directoryOffset;
    await this.write(encodeEnd({ count: this.count, directorySize, directoryOffset }));
    await this.handle.truncate(this.position);
    await this.handle.sync();
    await this.handle.close();
    return this.position;
  }

  /** Closes without finishing; the caller removes the file. */
  async abort(): Promise<void> {
    await this.handle.close().catch(() => undefined);
  }

  private *directoryChunks(): Generator<Buffer> {
    let parts: Buffer[] = [];
    let bytes = 0;
    for (const { central, base } of this.batches) {
      for (const record of centralRecords(central)) {
        const moved = relocateCentralRecord(record, base);
        parts.push(moved);
        bytes += moved.length;
        if (bytes < FLUSH_BYTES) continue;
        yield Buffer.concat(parts);
        parts = [];
        bytes = 0;
      }
    }
    yield Buffer.concat(parts);
  }
}

/** Splits central records that stand one behind the other. */
export function* centralRecords(central: Buffer): Generator<Buffer> {
  for (let at = 0; at < central.length;) {
    const length =
      CENTRAL_BYTES + central.readUInt16LE(at + 28) + central.readUInt16LE(at + 30) + central.readUInt16LE(at + 32);
    yield central.subarray(at, at + length);
    at += length;
  }
}
