import { createHash } from 'node:crypto';
import type { ZipEntry } from '@pawvault/archive';
import { compareCodePoints, type ModuleName, type PlannedPath, type TreeChanges } from '@pawvault/contracts';
import { type ContentProof, hasContent } from './content-check';
import { isKept } from './kept-places';
import { listLiveTree, type LiveNode, type TreeState } from './live-tree';
import type { RestoreTarget } from './prepared-plan';

/** What a target will hold. */
export interface FutureTree {
  target: RestoreTarget;
  /** All entries of the target. */
  entries: readonly ZipEntry[];
  /** sha256 per entry name, where a manifest tells. */
  hashes: ReadonlyMap<string, Buffer>;
  /** Content that is not the archive's, by entry name. */
  rewritten: ReadonlyMap<string, Buffer>;
}

const PARALLEL_READS = 4;

/**
 * Compares what a target will hold with what lies there, by content: modes and times are not counted. The whole live tree counts, also what
 * backups leave out by rule: a restore replaces it all, so those files are `removed`.
 * A file of the same size and, to the second, the same time is taken as unchanged; one of the same size and another time is read.
 */
export async function diffTree(
  future: FutureTree,
  signal: AbortSignal,
): Promise<{ changes: TreeChanges; paths: PlannedPath[]; state: TreeState; kept: number }> {
  const { target } = future;
  const live = await listLiveTree(target.destination, new Set(target.keepInside), signal);
  const changes: TreeChanges = { added: 0, changed: 0, removed: 0, carried: 0, unchanged: 0, bytes: 0 };
  const paths: PlannedPath[] = [];
  const list = pathLister(target, paths);
  const doubtful: Doubtful[] = [];
  const met = new Set<string>();
  let kept = 0;
  for (const entry of future.entries) {
    if (entry.type === 'directory') continue;
    if (isKept(target, entry.name)) {
      kept += 1;
      continue;
    }
    const expected = expectationOf(entry, future);
    changes.bytes += expected.size;
    const path = entry.name.slice(target.prefix.length);
    const node = live.nodes.get(path);
    if (node === undefined) {
      changes.added += 1;
      list(path, 'added');
      continue;
    }
    met.add(path);
    const guess = compare(node, expected);
    if (guess === 'doubtful') doubtful.push({ path, node, proof: expected.proof });
    else changes[guess] += 1;
    if (guess === 'changed') list(path, 'changed');
  }
  for (const path of live.nodes.keys()) if (!met.has(path)) list(path, 'removed');
  changes.removed = live.nodes.size - met.size;
  for (const path of await settle(doubtful, changes, signal)) list(path, 'changed');
  paths.sort((a, b) => compareCodePoints(a.path, b.path));
  return { changes, paths, state: live.state, kept };
}

interface Doubtful {
  path: string;
  node: LiveNode;
  proof: ContentProof;
}

const MODULE_OF = { agent: 'agents', skill_pool: 'skill_pool', secrets: 'secrets' } as const satisfies Record<
  RestoreTarget['kind'],
  ModuleName
>;

const pathLister =
  ({ kind, id: agent }: RestoreTarget, paths: PlannedPath[]) =>
  (path: string, change: PlannedPath['change']): void => {
    paths.push({ module: MODULE_OF[kind], agent, path, change, reason: null, detail: null, kept_as: null });
  };

interface Expectation {
  type: ZipEntry['type'];
  size: number;
  /** null: time proves nothing. */
  mtimeMs: number | null;
  proof: ContentProof;
}

function expectationOf(entry: ZipEntry, future: FutureTree): Expectation {
  const rewritten = future.rewritten.get(entry.name);
  if (rewritten !== undefined) {
    const sha256 = createHash('sha256').update(rewritten).digest();
    return { type: 'file', size: rewritten.length, mtimeMs: null, proof: { sha256 } };
  }
  const sha256 = future.hashes.get(entry.name);
  const proof = sha256 === undefined ? { crc32: entry.crc32 } : { sha256 };
  return { type: entry.type, size: entry.size, mtimeMs: entry.mtimeMs, proof };
}

function compare(node: LiveNode, expected: Expectation): 'changed' | 'unchanged' | 'doubtful' {
  if (node.type !== expected.type || node.size !== expected.size) return 'changed';
  const sameTime = expected.mtimeMs !== null && Math.floor(node.mtimeMs / 1000) === Math.floor(expected.mtimeMs / 1000);
  return sameTime && node.type === 'file' ? 'unchanged' : 'doubtful';
}

async function settle(doubtful: Doubtful[], changes: TreeChanges, signal: AbortSignal): Promise<string[]> {
  const queue = doubtful.values();
  const changed: string[] = [];
  const read = async (): Promise<void> => {
    for (const { path, node, proof } of queue) {
      const same = await hasContent(node, proof, signal);
      changes[same ? 'unchanged' : 'changed'] += 1;
      if (!same) changed.push(path);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_READS }, read));
  return changed;
}
