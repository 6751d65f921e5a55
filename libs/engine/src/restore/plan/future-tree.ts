import type { ZipEntry } from '@pawvault/archive';
import type { EntryType } from '@pawvault/contracts';
import { pathsAbove } from '@pawvault/durable-fs';
import { isKept } from './kept-places';
import type { ManifestRecords } from './manifest-records';
import type { RestoreTarget } from './prepared-plan';

/** A node that a target will have. */
export interface FutureNode {
  type: EntryType;
  /** What holds its content; null for links that the manifest alone has, and for directories that no entry names. */
  entry: ZipEntry | null;
  /** Where a link leads; null where that is the content of its entry, as in archives of earlier versions. */
  link: string | null;
}

/** What a target will hold, before anything of the live tree is carried over. */
export interface FutureTree {
  /** By path relative to the root, without trailing slashes; the directories above each are there, too. */
  nodes: Map<string, FutureNode>;
  /** Entries that lie in places that belong to something else, and are not restored. */
  keptOut: number;
  /** Paths of links that lead out of their module and are not made. */
  unmadeLinks: string[];
}

export interface FutureOptions {
  target: RestoreTarget;
  /** All entries of the target. */
  entries: readonly ZipEntry[];
  records: ManifestRecords;
  /** Whether a link that leads out of its module is made. */
  makesOutwardLinks: boolean;
}

/** What an archive has of a target: its entries, and the links that its manifest has. */
export function futureTree(options: FutureOptions): FutureTree {
  const { target, entries, records } = options;
  const tree: FutureTree = { nodes: new Map(), keptOut: 0, unmadeLinks: [] };
  for (const entry of entries) {
    const path = entry.name.slice(target.prefix.length).replace(/\/$/, '');
    if (path === '') continue;
    if (isKept(target, path)) {
      if (entry.type !== 'directory') tree.keptOut += 1;
      continue;
    }
    tree.nodes.set(path, { type: entry.type, entry, link: null });
  }
  for (const link of records.linksBelow(target.prefix)) addLink(tree, link, options);
  for (const path of [...tree.nodes.keys()]) for (const above of pathsAbove(path)) addImplied(tree, above);
  return tree;
}

function addLink(
  tree: FutureTree,
  link: { name: string; target: string; isOutward: boolean },
  options: FutureOptions,
): void {
  const path = link.name.slice(options.target.prefix.length);
  if (isKept(options.target, path)) return;
  if (link.isOutward && !options.makesOutwardLinks) {
    // Where the archive has the content of the file that it led to, that is restored in its place.
    tree.unmadeLinks.push(path);
    return;
  }
  tree.nodes.set(path, { type: 'symlink', entry: tree.nodes.get(path)?.entry ?? null, link: link.target });
}

function addImplied(tree: FutureTree, path: string): void {
  if (!tree.nodes.has(path)) tree.nodes.set(path, { type: 'directory', entry: null, link: null });
}
