import type { ArchiveReader, ZipEntry } from '@pawvault/archive';
import type { JobWarning, PlannedPath, TreeChanges } from '@pawvault/contracts';
import { type AgentDocuments, agentJsonEntry } from './archive-documents';
import { type FutureOptions, type FutureTree, futureTree } from './future-tree';
import { type Inventory, type InventoryOptions, takeInventory } from './inventory';
import { listLiveTree } from './live-tree';
import type { ManifestRecords } from './manifest-records';
import type { PlannedTarget, RestoreTarget } from './prepared-plan';
import { diffTree } from './tree-diff';

export interface MeasuredTarget {
  target: PlannedTarget;
  changes: TreeChanges;
  paths: PlannedPath[];
  warnings: JobWarning[];
}

export interface Measuring {
  targets: readonly RestoreTarget[];
  documents: AgentDocuments;
  records: ManifestRecords;
  choice: Pick<InventoryOptions, 'rules' | 'limits' | 'clean'> & Pick<FutureOptions, 'makesOutwardLinks'>;
  signal: AbortSignal;
}

/** Compares each target with what lies there, and decides what of it stays. */
export async function measureTargets(reader: ArchiveReader, job: Measuring): Promise<MeasuredTarget[]> {
  const { targets, documents, records, choice, signal } = job;
  const rewritten = new Map([...documents.corrected].map(([id, bytes]) => [agentJsonEntry(id), bytes]));
  const entries = groupByPrefix(
    reader.entries,
    targets.map(({ prefix }) => prefix),
  );
  const linkTimes = new Map(records.links.map(({ name, mtimeMs }) => [name, mtimeMs]));
  const measured: MeasuredTarget[] = [];
  for (const target of targets) {
    const closed = new Set(
      [...target.keepInside.map(({ path }) => path), ...target.mounts].map((path) => relativeTo(target, path)),
    );
    const live = await listLiveTree(target.destination, { closed, signal });
    const future = futureTree({ target, entries: entries.get(target.prefix) ?? [], records, ...choice });
    const inventory = takeInventory(live, future, { target, ...choice });
    const diff = await diffTree({ target, live, future, inventory, hashes: records.hashes, rewritten }, signal);
    measured.push({
      target: { ...target, live, future, inventory, linkTimes },
      changes: diff.changes,
      paths: diff.paths,
      warnings: warningsOf(target, { future, inventory }),
    });
  }
  return measured;
}

const relativeTo = ({ destination }: RestoreTarget, path: string): string => path.slice(destination.length + 1);

function warningsOf(
  target: RestoreTarget,
  { future, inventory }: { future: FutureTree; inventory: Inventory },
): JobWarning[] {
  const warnings: JobWarning[] = [];
  if (future.keptOut > 0) warnings.push(notRestored(target, future.keptOut));
  if (target.mounts.length > 0) warnings.push(mountsStay(target));
  if (future.unmadeLinks.length > 0) warnings.push(linksNotMade(target, future.unmadeLinks));
  const aside = inventory.carried.filter(({ from, to }) => from !== to);
  if (aside.length > 0) warnings.push(keptAside(target, aside));
  return warnings;
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

/** Enough to understand what it is about; the list of paths has all of them. */
const NAMED = 20;

const notRestored = (target: RestoreTarget, count: number): JobWarning => ({
  code: 'KEPT_PLACE_NOT_RESTORED',
  message: `${count} files of the backup lie in places that belong to something else; what is there stays`,
  details: {
    path: target.destination,
    files: count,
    kept: [...target.keepInside.map(({ path }) => path), ...target.mounts],
  },
});

const mountsStay = ({ destination, mounts }: RestoreTarget): JobWarning => ({
  code: 'MOUNT_LEFT_ALONE',
  message: `Other file systems are mounted in ${destination}; they stay as they are, and so does what is in them`,
  details: { path: destination, mounts: mounts.slice(0, NAMED), count: mounts.length },
});

const linksNotMade = ({ destination }: RestoreTarget, links: readonly string[]): JobWarning => ({
  code: 'LINKS_NOT_MADE',
  message: `${links.length} links of the backup lead out of their module and are not made, because the backup comes from elsewhere`,
  details: { path: destination, links: links.slice(0, NAMED), count: links.length },
});

const keptAside = ({ destination }: RestoreTarget, aside: Inventory['carried']): JobWarning => ({
  code: 'KEPT_ASIDE',
  message: `${aside.length} paths that no backup can bring back get another name, because the backup has something else in their place`,
  details: {
    path: destination,
    paths: aside.slice(0, NAMED).map(({ from, to }) => ({ from: from.toWellFormed(), to: to.toWellFormed() })),
    count: aside.length,
  },
});
