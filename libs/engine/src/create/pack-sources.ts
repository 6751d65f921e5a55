import type { ManifestHead, ModuleStats } from '@pawvault/contracts';
import type { Source } from '../instance/sources';
import type { ProgressMeter } from '../progress-meter';
import type { FileItem, PackBatchOutput, RecycledBuffers } from '../threads/tasks';
import type { Scan } from '../walk/scan-source';
import { type Unit, type UnitContext, unitsOf } from './batches';
import { type LargeContext, packLarge } from './pack-large';

export interface PackContext extends UnitContext, Pick<LargeContext, 'sink' | 'level'> {
  meter: ProgressMeter;
}

export interface ModuleTotals {
  agents: Map<string, ModuleStats>;
  modules: ManifestHead['modules'];
  bytes: number;
}

/** Packs the sources one after the other, in the order of their entry names. `scans` has one item per source. */
export async function packSources(
  sources: readonly Source[],
  scans: readonly Scan[],
  context: PackContext,
): Promise<ModuleTotals> {
  const totals: ModuleTotals = { agents: new Map(), modules: {}, bytes: 0 };
  for (const [i, source] of sources.entries()) {
    context.meter.enter('packing', source.label);
    const packed = await new SourcePacker(context).pack(scans[i]);
    totals.bytes += packed.bytes;
    if (source.module !== 'agents') totals.modules[source.module] = packed;
    else if (source.agent !== null) totals.agents.set(source.agent, packed);
    if (source.agent !== null) context.meter.agentDone();
  }
  return totals;
}

/**
 * Packs one source. The threads are kept fed: batches are packed ahead while earlier ones are appended, in order. Memory is bounded by the
 * window, not by the instance.
 */
class SourcePacker {
  private readonly total: ModuleStats = { files: 0, bytes: 0 };
  private readonly window: (() => Promise<void>)[] = [];
  private readonly running = new Set<Promise<PackBatchOutput>>();
  private readonly buffers: RecycledBuffers[] = [];

  constructor(private readonly context: PackContext) {}

  async pack(scan: Scan | undefined): Promise<ModuleStats> {
    try {
      for await (const unit of unitsOf(scan?.walk() ?? [], this.context)) {
        if (unit.kind === 'settle') {
          await this.finishAll();
          continue;
        }
        this.window.push(this.begin(unit));
        if (this.window.length > this.context.pool.size * 2) await this.window.shift()?.();
      }
      await this.finishAll();
      return this.total;
    } finally {
      // Threads read through the descriptor of the source, which is closed after this.
      await Promise.allSettled(this.running);
    }
  }

  private async finishAll(): Promise<void> {
    for (let finish = this.window.shift(); finish !== undefined; finish = this.window.shift()) await finish();
  }

  /** @returns what is to be done when the unit's turn has come */
  private begin(unit: Exclude<Unit, { kind: 'settle' }>): () => Promise<void> {
    if (unit.kind === 'large') return () => this.appendLarge(unit.file);
    const { pool, level, workDir } = this.context;
    const recycled = this.buffers.pop() ?? null;
    const transfer = recycled === null ? [] : [recycled.bytes, recycled.feed];
    const packing = pool.run('pack-batch', { items: unit.items, level, workDir, recycled }, transfer);
    // Handled when its turn comes; until then a failure must not count as unhandled.
    packing.catch(() => undefined);
    this.running.add(packing);
    return async () => {
      const batch = await packing;
      this.running.delete(packing);
      await this.appendBatch(batch);
    };
  }

  private async appendBatch(batch: PackBatchOutput): Promise<void> {
    const { signal, sink, ledger } = this.context;
    signal.throwIfAborted();
    await sink.appendBatch(batch);
    batch.omissions.forEach((omission) => ledger.omit(omission));
    batch.warnings.forEach((warning) => ledger.warn(warning));
    this.count({ files: batch.files, bytes: batch.contentBytes });
    this.context.meter.add({ files: batch.files, bytes: batch.contentBytes });
    this.buffers.push({ bytes: batch.bytes.buffer as ArrayBuffer, feed: batch.feed.buffer as ArrayBuffer });
  }

  private async appendLarge(file: FileItem): Promise<void> {
    const { meter } = this.context;
    const { packed, bytes } = await packLarge(file, {
      ...this.context,
      onBytes: (count) => meter.add({ files: 0, bytes: count }),
    });
    this.count({ files: packed ? 1 : 0, bytes });
    meter.add({ files: packed ? 1 : 0, bytes: 0 });
  }

  private count(packed: ModuleStats): void {
    this.total.files += packed.files;
    this.total.bytes += packed.bytes;
  }
}
