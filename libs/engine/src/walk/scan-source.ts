import { lstatSync, type Stats } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import type { ArchiveLimits } from '@pawvault/archive';
import type { ModuleStats } from '@pawvault/contracts';
import { holdListed } from '@pawvault/durable-fs';
import { NotARegularFile } from '../capture/stable-read';
import type { FileSource, Source } from '../instance/sources';
import type { ExcludeRules } from './exclude-rules';
import { omissionOf } from './omission';
import { lettingThrough } from './rescued-rules';
import { ScanFindings } from './scan-findings';
import { type Walked, walkTree } from './walk-tree';

/** A big instance must not freeze the process that looks at it. */
const BREATHE_EVERY = 256;
/** A listing is used for packing while it is fresh; later the tree is walked again, so that a long backup does not chase old names. */
const FRESH_MS = 30_000;

export interface Scan {
  /** What a backup of the source would take: files (regular and links) and bytes. */
  total: ModuleStats;
  /** What else matters before packing begins. */
  findings: ScanFindings;
  /** The walk itself: the listing of the scan while it is fresh and was held, else a new one. */
  walk(): Iterable<Walked>;
}

interface WalkDeps {
  excludeRules: ExcludeRules;
  limits: ArchiveLimits;
  oneFileSystem: boolean;
  /** Entry names that are taken whatever the rules say. */
  alsoTaken?: ReadonlySet<string>;
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
  const findings = new ScanFindings();
  let held: Walked[] | null = [];
  let seen = 0;
  for (const item of walkSource(deps, source)) {
    if (item.kind === 'file') total.bytes += item.size;
    if (item.kind === 'file' || item.kind === 'symlink') total.files += 1;
    findings.note(item);
    held = held !== null && held.length < options.hold ? held : null;
    held?.push(item);
    if (++seen % BREATHE_EVERY === 0) await breathe();
    options.signal.throwIfAborted();
  }
  const at = performance.now();
  const walk = (): Iterable<Walked> =>
    held !== null && performance.now() - at < FRESH_MS ? held : walkSource(deps, source);
  return { total, findings, walk };
}

function walkSource(deps: WalkDeps, source: Source): Iterable<Walked> {
  if (source.kind === 'file') return [walkFile(source)];
  const { excludeRules, alsoTaken, limits, oneFileSystem } = deps;
  const { root, prefix, barred, mounts, outward } = source;
  const rules = alsoTaken === undefined ? excludeRules : lettingThrough(excludeRules, prefix, alsoTaken);
  return walkTree({ root, prefix, barred, mounts, outward, rules, limits, oneFileSystem });
}

/** The one file of a source that is no directory. */
function walkFile({ root, base, prefix }: FileSource): Walked {
  try {
    const { mode, mtimeMs, size } = regularFile(lstatOf(root, base), base);
    const place = { root, relative: '', dev: root.dev, ino: root.ino };
    const content = { place, base, size, sidecars: [], copyBytes: 0, occupied: size };
    return { kind: 'file', name: prefix, mode, mtimeMs, ...content };
  } catch (error) {
    return { kind: 'omission', omission: omissionOf(prefix, error) };
  }
}

function lstatOf(root: Source['root'], base: string): Stats {
  const held = holdListed(root, '', root);
  try {
    return lstatSync(held.at(base));
  } finally {
    held.close();
  }
}

function regularFile(stat: Stats, name: string): Stats {
  if (!stat.isFile()) throw new NotARegularFile(name);
  return stat;
}
