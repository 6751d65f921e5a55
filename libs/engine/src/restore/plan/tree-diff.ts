import { createHash } from 'node:crypto';
import type { ZipEntry } from '@pawvault/archive';
import { compareCodePoints, type ModuleName, type PlannedPath, type TreeChanges } from '@pawvault/contracts';
import { type ContentProof, type ContentReader, openTree } from './content-check';
import type { FutureNode, FutureTree } from './future-tree';
import type { CarriedNode, Inventory } from './inventory';
import type { LiveNode, LiveTree } from './live-tree';
import type { RestoreTarget } from './prepared-plan';

/** What a comparison needs. */
export interface Comparison {
  target: RestoreTarget;
  live: LiveTree;
  future: FutureTree;
  inventory: Inventory;
  /** sha256 per entry name, where a manifest tells. */
  hashes: ReadonlyMap<string, Buffer>;
  /** Content that is not the archive's, by entry name. */
  rewritten: ReadonlyMap<string, Buffer>;
}

export interface TreeDiff {
  changes: TreeChanges;
  /** In code-point order of the paths. */
  paths: PlannedPath[];
}

const PARALLEL_READS = 4;

/**
 * Compares what a target will hold with what lies there, by content: modes and times are not counted, and neither are directories.
 * A file of the same size and, to the second, the same time is taken as unchanged; one of the same size and another time is read.
 */
export async function diffTree(comparison: Comparison, signal: AbortSignal): Promise<TreeDiff> {
  const { target, live, future, inventory } = comparison;
  const diff = new Diff(target);
  const doubtful: Doubtful[] = [];
  for (const [path, node] of future.nodes) {
    if (node.type === 'directory') continue;
    const expected = expectationOf(path, node, comparison);
    diff.changes.bytes += expected.size;
    const found = live.nodes.get(path);
    const guess = found === undefined || found.type === 'directory' ? 'added' : compare(found, expected);
    if (guess === 'doubtful') doubtful.push({ path, node: found as LiveNode, proof: expected.proof });
    else diff.add(path, guess);
  }
  for (const { path, rule } of inventory.removed) diff.add(path, 'removed', { detail: rule });
  for (const carried of [...inventory.fixed, ...inventory.carried]) diff.carry(carried);
  await settle(doubtful, { diff, root: target.destination, signal });
  diff.paths.sort((a, b) => compareCodePoints(a.path, b.path));
  return diff;
}

const MODULE_OF = { agent: 'agents', skill_pool: 'skill_pool', secrets: 'secrets' } as const satisfies Record<
  RestoreTarget['kind'],
  ModuleName
>;

class Diff implements TreeDiff {
  readonly changes: TreeChanges = { added: 0, changed: 0, removed: 0, carried: 0, unchanged: 0, bytes: 0 };
  readonly paths: PlannedPath[] = [];

  constructor(private readonly target: RestoreTarget) {}

  add(path: string, change: PlannedPath['change'] | 'unchanged', more: Partial<PlannedPath> = {}): void {
    this.changes[change] += 1;
    if (change === 'unchanged') return;
    const { kind, id: agent } = this.target;
    const none = { reason: null, detail: null, kept_as: null };
    // A name that is no UTF-8 has lone surrogates for its bytes, which no reader of JSON has to take.
    this.paths.push({ module: MODULE_OF[kind], agent, path: path.toWellFormed(), change, ...none, ...more });
  }

  carry({ from, to, reason, detail, isDirectory }: CarriedNode): void {
    const end = isDirectory ? '/' : '';
    this.add(`${from}${end}`, 'carried', {
      reason,
      detail,
      kept_as: to === from ? null : `${to.toWellFormed()}${end}`,
    });
  }
}

interface Expectation {
  type: ZipEntry['type'];
  size: number;
  /** null: time proves nothing. */
  mtimeMs: number | null;
  proof: ContentProof;
}

function expectationOf(path: string, node: FutureNode, { target, hashes, rewritten }: Comparison): Expectation {
  const name = `${target.prefix}${path}`;
  const content = node.link === null ? rewritten.get(name) : Buffer.from(node.link);
  if (content !== undefined) {
    const sha256 = createHash('sha256').update(content).digest();
    return { type: node.type, size: content.length, mtimeMs: null, proof: { sha256 } };
  }
  const { size = 0, mtimeMs = 0, crc32 = 0 } = node.entry ?? {};
  const sha256 = hashes.get(name);
  return { type: node.type, size, mtimeMs, proof: sha256 === undefined ? { crc32 } : { sha256 } };
}

function compare(node: LiveNode, expected: Expectation): 'changed' | 'unchanged' | 'doubtful' {
  if (node.type !== expected.type || node.size !== expected.size) return 'changed';
  const sameTime = expected.mtimeMs !== null && Math.floor(node.mtimeMs / 1000) === Math.floor(expected.mtimeMs / 1000);
  return sameTime && node.type === 'file' ? 'unchanged' : 'doubtful';
}

interface Doubtful {
  path: string;
  node: LiveNode;
  proof: ContentProof;
}

async function settle(
  doubtful: readonly Doubtful[],
  { diff, root, signal }: { diff: Diff; root: string; signal: AbortSignal },
): Promise<void> {
  if (doubtful.length === 0) return;
  const tree: ContentReader = openTree(root);
  try {
    const queue = doubtful.values();
    const read = async (): Promise<void> => {
      for (const { path, node, proof } of queue)
        diff.add(path, (await tree.hasContent({ path, node }, proof, signal)) ? 'unchanged' : 'changed');
    };
    await Promise.all(Array.from({ length: PARALLEL_READS }, read));
  } finally {
    tree.close();
  }
}
