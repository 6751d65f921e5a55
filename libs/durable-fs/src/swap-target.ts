/**
 * How a target is replaced.
 * sibling: a directory or file with its new content beside it, exchanged by renames;
 * children: a directory that cannot be renamed (a mount point, or a parent that is not ours): its children are exchanged, with staging and
 * set-aside areas inside;
 * in-place: a file that cannot be renamed (a bind-mounted config.json): its content is overwritten, a copy stands by.
 */
export type SwapKind = 'sibling' | 'children' | 'in-place';

/** One place that a transaction replaces. All paths are absolute; `staged` and `aside` are on the file system of `path`, but for in-place. */
export interface SwapTarget {
  path: string;
  kind: SwapKind;
  /** Where the new content is prepared. */
  staged: string;
  /** Where the old content waits until every target is swapped. */
  aside: string;
  /** Whether there was something at `path` when the transaction began. */
  existed: boolean;
  /** Paths below the target, relative to it, that move over into the new content: nested places that belong to somebody else. */
  carry: string[];
  /** For a directory that stays: what it has before the transaction and what it gets by it. */
  attributes: { before: DirectoryAttributes; after: DirectoryAttributes } | null;
  /** Directories that had to be made for the target, outermost first; a rollback removes those that are empty. */
  made_parents: string[];
}

export interface DirectoryAttributes {
  mode: number;
  mtime_ms: number;
}
