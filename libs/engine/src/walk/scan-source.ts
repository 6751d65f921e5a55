import { statSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import type { ArchiveLimits } from '@pawvault/archive';
import type { ModuleStats } from '@pawvault/contracts';
import type { Source } from '../instance/sources';
import type { ExcludeRules } from './exclude-rules';
import { omissionOf } from './omission';
import { type Walked, walkTree } from './walk-tree';

/** A big instance must not freeze the process that looks at it. */
const BREATHE_EVERY = 256;
/** A listing is used for packing while it is fresh; later the tree is walked again, so that a long backup does not chase old names. */
const FRESH_MS = 30_000;

export interface Scan {
  /** What a backup of the source would take: files (regular and links) and bytes. */
  total: ModuleStats;
  /** The walk itself: the listing of the scan while it is fresh and was held, else a new one. */
  walk(): Iterable<Walked>;
}

interface WalkDeps {
  excludeRules: ExcludeRules;
  limits: ArchiveLimits;
}

/**
 * Walks a source once and counts.
 * @param options.hold how many items may be kept for {@link Scan.walk}; beyond that, memory is worth more than a second walk
 */
export async function scanSource(
  deps: WalkDeps,
  source: Source,
  options: { signal: AbortSignal; hold: number },
): Promise<Scan> {
  const total: ModuleStats = { files: 0, bytes: 0 };
  let held: Walked[] | null = [];
  let seen = 0;
  for (const item of walkSource(deps, source)) {
    if (item.kind === 'file') total.bytes += item.size;
    if (item.kind === 'symlink') total.bytes += Buffer.byteLength(item.target);
    if (item.kind === 'file' || item.kind === 'symlink') total.files += 1;
    held = held !== null && held.length < options.hold ? held : null;
    held?.push(item);
    if (++seen % BREATHE_EVERY === 0) await breathe();
    options.signal.throwIfAborted();
  }
  const at = performance.now();
  return { total, walk: () => (held !== null && performance.now() - at < FRESH_MS ? held : walkSource(deps, source)) };
}

function walkSource(deps: WalkDeps, source: Source): Iterable<Walked> {
  const { root, prefix, barred } = source;
  if (source.kind === 'directory')
    return walkTree({ root, prefix, barred, rules: deps.excludeRules, limits: deps.limits });
  try {
    const { mode, mtimeMs, size } = statSync(root);
    return [{ kind: 'file', name: prefix, path: root, mode, mtimeMs, size, sidecars: [] }];
  } catch (error) {
    return [{ kind: 'omission', omission: omissionOf(prefix, error) }];
  }
}
