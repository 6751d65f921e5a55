import type { ArchiveReader, ZipEntry } from '@pawvault/archive';
import type { JobWarning, PlannedPath, TreeChanges } from '@pawvault/contracts';
import { type AgentDocuments, agentJsonEntry, readHashes } from './archive-documents';
import type { TreeState } from './live-tree';
import type { RestoreTarget } from './prepared-plan';
import { diffTree } from './tree-diff';

export interface MeasuredTarget {
  target: RestoreTarget;
  changes: TreeChanges;
  paths: PlannedPath[];
  state: TreeState;
  warnings: JobWarning[];
}

/** Compares each target with what lies there, one after the other: only one listing is in memory at a time. */
export async function measureTargets(
  reader: ArchiveReader,
  job: { targets: readonly RestoreTarget[]; documents: AgentDocuments; signal: AbortSignal },
): Promise<MeasuredTarget[]> {
  const { targets, documents, signal } = job;
  const prefixes = targets.map(({ prefix }) => prefix);
  const hashes = await readHashes(reader, prefixes, signal);
  const rewritten = new Map([...documents.corrected].map(([id, bytes]) => [agentJsonEntry(id), bytes]));
  const entries = groupByPrefix(reader.entries, prefixes);
  const measured: MeasuredTarget[] = [];
  for (const target of targets) {
    const future = { target, entries: entries.get(target.prefix) ?? [], hashes, rewritten };
    const { changes, paths, state, kept } = await diffTree(future, signal);
    measured.push({ target, changes, paths, state, warnings: kept === 0 ? [] : [notRestored(target, kept)] });
  }
  return measured;
}

/** Entries come sorted by name, so those of one prefix follow each other. */
function groupByPrefix(entries: readonly ZipEntry[], prefixes: readonly string[]): Map<string, ZipEntry[]> {
  const groups = new Map<string, ZipEntry[]>();
  let prefix = '';
  for (const entry of entries) {
    if (prefix === '' || !entry.name.startsWith(prefix))
      prefix = prefixes.find((candidate) => entry.name.startsWith(candidate)) ?? '';
    if (prefix === '') continue;
    const group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, [entry]);
    else group.push(entry);
  }
  return groups;
}

const notRestored = (target: RestoreTarget, count: number): JobWarning => ({
  code: 'KEPT_PLACE_NOT_RESTORED',
  message: `${count} files of the backup lie in places that belong to something else; what is there stays`,
  details: { path: target.destination, files: count, kept: target.keepInside },
});
