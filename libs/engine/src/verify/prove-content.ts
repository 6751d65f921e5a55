import { createHash } from 'node:crypto';
import type { ArchiveReader, RewindableHmac, ZipEntry } from '@pawvault/archive';
import { entryFeedHead, entryFeedTail, isOwnLocalHeader, linkTarget } from '@pawvault/archive';
import { DomainError, META_NAME, type VerifyProblem } from '@pawvault/contracts';
import { BLOCK_BYTES } from '../create/blocks';
import { createFile } from '../restore/write-file';
import type { CheckBatchOutput, CheckItem, TaskRunner, WriteTarget } from '../threads/tasks';

const BATCH_BYTES = 1 << 20;
const BATCH_ITEMS = 256;

export interface ProveOptions {
  pool: TaskRunner;
  signal: AbortSignal;
  /** sha256 of an entry from the manifest, or null where there is none. */
  expectedHash: (entry: ZipEntry) => string | null;
  /** Headers must be as PawVault writes them, to the byte. */
  ownHeaders: boolean;
  /** All of them are fed with the content, in signature order. */
  signatures: readonly RewindableHmac[];
  /** Entries that are read at all; all of them unless told otherwise. The signatures are only right for all. */
  wanted?: (entry: ZipEntry) => boolean;
  /** Where the content of an entry is written once it is proven; null or absent: nowhere. */
  place?: (entry: ZipEntry) => WriteTarget | null;
  onProblem: (problem: VerifyProblem) => void;
  /** The bytes are inflated ones. */
  onProgress: (done: { bytes: number; files: number }) => void;
}

/**
 * Reads every entry once and proves headers, size, CRC and hash; on the way the signatures are fed with what QwenPaw signs: every entry
 * but directories and meta.json, in code-point order. Small entries are proven by threads in batches, large ones are streamed.
 */
export function proveContent(reader: ArchiveReader, options: ProveOptions): Promise<void> {
  return new ContentProof(reader, options).run();
}

/** Work that has begun: `finish` is for its turn, `settled` for the end of what the threads do. */
interface Step {
  finish: () => Promise<void>;
  settled: Promise<unknown>;
}

class ContentProof {
  private readonly window: Step[] = [];
  /** Feeds of finished batches, for the next ones: fresh memory costs page faults, and garbage that is collected late. */
  private readonly buffers: ArrayBuffer[] = [];

  constructor(
    private readonly reader: ArchiveReader,
    private readonly options: ProveOptions,
  ) {}

  async run(): Promise<void> {
    const { signal, pool } = this.options;
    try {
      for (const unit of units(this.reader, this.options)) {
        signal.throwIfAborted();
        this.window.push(this.begin(unit));
        if (this.window.length > pool.size * 2) await this.window.shift()?.finish();
      }
      for (let step = this.window.shift(); step !== undefined; step = this.window.shift()) await step.finish();
    } finally {
      // Threads read by descriptor number: it must not be closed, and given to another file, under a running task.
      await Promise.all(this.window.map(({ settled }) => settled));
    }
  }

  private begin(unit: Unit): Step {
    const { reader, options } = this;
    if (unit.kind === 'large')
      return { finish: () => proveLarge(reader, unit.item, options), settled: Promise.resolve() };
    const covered = this.check(unit.items.filter(({ entry }) => entry.name !== META_NAME));
    const meta = this.check(unit.items.filter(({ entry }) => entry.name === META_NAME));
    const finish = async (): Promise<void> => {
      const [signed, unsigned] = await Promise.all([covered, meta]);
      options.signal.throwIfAborted();
      this.settle(unit.items, signed, unsigned);
    };
    return { finish, settled: Promise.allSettled([covered, meta]) };
  }

  private check(items: CheckItem[]): Promise<CheckBatchOutput> | null {
    if (items.length === 0) return null;
    const recycled = this.buffers.pop() ?? null;
    const input = { fd: this.reader.source.handle.fd, items, ownHeaders: this.options.ownHeaders, recycled };
    return this.options.pool.run('check-batch', input, recycled === null ? [] : [recycled]);
  }

  /** meta.json is proven like every entry and signed like none. */
  private settle(items: CheckItem[], signed: CheckBatchOutput | null, unsigned: CheckBatchOutput | null): void {
    const { signatures, onProblem, onProgress } = this.options;
    if (signed !== null) signatures.forEach((signature) => signature.update(signed.feed));
    for (const output of [signed, unsigned]) {
      output?.problems.forEach(onProblem);
      if (output !== null) this.buffers.push(output.feed.buffer as ArrayBuffer);
    }
    onProgress({
      bytes: items.reduce((sum, { entry }) => sum + entry.size, 0),
      files: items.filter(({ entry }) => entry.type !== 'directory').length,
    });
  }
}

type Unit = { kind: 'batch'; items: CheckItem[] } | { kind: 'large'; item: CheckItem };

function* units(reader: ArchiveReader, options: ProveOptions): Generator<Unit> {
  let items: CheckItem[] = [];
  let bytes = 0;
  for (const item of checkItems(reader, options)) {
    const weight = Math.max(item.entry.size, item.entry.compressedSize);
    const large = weight > BLOCK_BYTES;
    if (items.length > 0 && (large || bytes + weight > BATCH_BYTES || items.length === BATCH_ITEMS)) {
      yield { kind: 'batch', items };
      items = [];
      bytes = 0;
    }
    if (large) yield { kind: 'large', item };
    else {
      items.push(item);
      bytes += weight;
    }
  }
  if (items.length > 0) yield { kind: 'batch', items };
}

/** The wanted entries in signature order. */
function* checkItems(reader: ArchiveReader, options: ProveOptions): Generator<CheckItem> {
  for (const entry of reader.entries) {
    if (options.wanted?.(entry) === false) continue;
    yield { entry, sha256: options.expectedHash(entry), write: options.place?.(entry) ?? null };
  }
}

async function proveLarge(reader: ArchiveReader, item: CheckItem, options: ProveOptions): Promise<void> {
  const { entry, sha256, write } = item;
  const { signal, signatures } = options;
  const signed = entry.name === META_NAME ? [] : signatures;
  const feed = (bytes: Uint8Array): void => signed.forEach((signature) => signature.update(bytes));
  const hash = createHash('sha256');
  const link: Buffer[] = [];
  const out = write === null ? null : await createFile(write);
  try {
    entryFeedHead(Buffer.from(entry.name, 'utf8')).forEach(feed);
    for await (const piece of reader.content(entry, signal)) {
      feed(piece);
      hash.update(piece);
      // Short, however much compressed data stands for it.
      if (entry.type === 'symlink') link.push(piece);
      await out?.write(piece);
      options.onProgress({ bytes: piece.length, files: 0 });
    }
    feed(entryFeedTail(entry.size));
    if (entry.type === 'symlink') linkTarget(entry.name, Buffer.concat(link));
    if (options.ownHeaders) await proveOwnHeader(reader, entry);
    if (sha256 !== null && hash.digest('hex') !== sha256) throw new DomainError('ARCHIVE_ENTRY_HASH_MISMATCH');
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DomainError)) throw error;
    options.onProblem({ code: error.code, path: entry.name, message: error.message });
  } finally {
    await out?.close();
  }
  options.onProgress({ bytes: 0, files: 1 });
}

async function proveOwnHeader(reader: ArchiveReader, entry: ZipEntry): Promise<void> {
  const local = await reader.localHeader(entry);
  const close = entry.offset + local.length + entry.compressedSize === entry.end;
  if (!close || !isOwnLocalHeader(local, entry)) throw new DomainError('ARCHIVE_HEADER_MISMATCH');
}
