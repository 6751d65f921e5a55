import { stat } from 'node:fs/promises';
import type { ManifestHead, ModuleStats } from '@pawvault/contracts';
import type { EngineDeps } from '../engine';
import type { Source } from '../instance/sources';
import type { ProgressMeter } from '../progress-meter';
import type { FileItem } from '../threads/tasks';
import { type Walked, walkTree } from '../walk/walk-tree';
import type { ArchiveSink } from './archive-sink';
import { type Ledger, type Unit, unitsOf } from './batches';
import { omissionOf } from './pack-batch';
import { packLarge } from './pack-large';

export interface PackContext {
  sink: ArchiveSink;
  workDir: string;
  signal: AbortSignal;
  ledger: Ledger;
  meter: ProgressMeter;
}

export interface ModuleTotals {
  agents: Map<string, ModuleStats>;
  modules: ManifestHead['modules'];
  bytes: number;
}

/** Packs the sources one after the other, in the order of their entry names. */
export async function packSources(
  deps: EngineDeps,
  sources: readonly Source[],
  context: PackContext,
): Promise<ModuleTotals> {
  const totals: ModuleTotals = { agents: new Map(), modules: {}, bytes: 0 };
  for (const source of sources) {
    context.meter.enter('packing', source.label);
    const packed = await packSource(deps, source, context);
    totals.bytes += packed.bytes;
    if (source.module !== 'agents') totals.modules[source.module] = packed;
    else if (source.agent !== null) totals.agents.set(source.agent, packed);
    if (source.agent !== null) context.meter.agentDone();
  }
  return totals;
}

/**
 * Keeps the threads fed: batches are packed ahead while earlier ones are appended, in order. Memory is bounded by the window, not by
 * the instance.
 */
async function packSource(deps: EngineDeps, source: Source, context: PackContext): Promise<ModuleStats> {
  const { sink, workDir, signal, ledger, meter } = context;
  const { pool, level } = deps;
  const total: ModuleStats = { files: 0, bytes: 0 };
  const window: (() => Promise<ModuleStats>)[] = [];
  const finishFirst = async (): Promise<void> => {
    const done = await window.shift()?.();
    total.files += done?.files ?? 0;
    total.bytes += done?.bytes ?? 0;
  };
  const begin = (unit: Unit): (() => Promise<ModuleStats>) => {
    if (unit.kind === 'large') return () => appendLarge(unit.file);
    const packing = pool.run('pack-batch', { items: unit.items, level, workDir });
    // Handled when its turn comes; until then a failure must not count as unhandled.
    packing.catch(() => undefined);
    return async () => appendBatch(await packing);
  };
  const appendBatch = async (batch: Awaited<ReturnType<typeof pool.run<'pack-batch'>>>): Promise<ModuleStats> => {
    signal.throwIfAborted();
    await sink.appendBatch(batch);
    batch.omissions.forEach((omission) => ledger.omit(omission));
    batch.warnings.forEach((warning) => ledger.warn(warning));
    meter.add({ files: batch.files, bytes: batch.contentBytes });
    return { files: batch.files, bytes: batch.contentBytes };
  };
  const appendLarge = async (file: FileItem): Promise<ModuleStats> => {
    const onBytes = (bytes: number): void => meter.add({ files: 0, bytes });
    const { packed, bytes } = await packLarge(file, { pool, workDir, signal, ledger, sink, level, onBytes });
    meter.add({ files: packed ? 1 : 0, bytes: 0 });
    return { files: packed ? 1 : 0, bytes };
  };
  for await (const unit of unitsOf(await walkSource(deps, source), { pool, workDir, signal, ledger })) {
    window.push(begin(unit));
    if (window.length > pool.size * 2) await finishFirst();
  }
  while (window.length > 0) await finishFirst();
  return total;
}

async function walkSource(deps: EngineDeps, source: Source): Promise<Iterable<Walked>> {
  const { root, prefix, barred } = source;
  if (source.kind === 'directory')
    return walkTree({ root, prefix, barred, rules: deps.excludeRules, limits: deps.limits });
  try {
    const { mode, mtimeMs, size } = await stat(root);
    return [{ kind: 'file', name: prefix, path: root, mode, mtimeMs, size, sidecars: [] }];
  } catch (error) {
    return [{ kind: 'omission', omission: omissionOf(prefix, error) }];
  }
}
