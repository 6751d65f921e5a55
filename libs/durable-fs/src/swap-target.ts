/**
 * How a target is replaced.
 * sibling: a directory or file with its new content beside it, exchanged by renames;
 * children: a directory that has to stay (a mount point, one that holds mount points, or one whose parent is not ours): its children are
 * exchanged;
 * in-place: a file that cannot be renamed (a bind-mounted config.json): its content is overwritten, a copy is kept until the end.
 */
export type SwapKind = 'sibling' | 'children' | 'in-place';

/** One place that a transaction replaces. Absolute paths are real paths; `staged` and `aside` are on the file system of `path`. */
export interface SwapTarget {
  path: string;
  kind: SwapKind;
  /** Where the new content is prepared: in the private directory of the transaction, beside the target or, for children, in it. */
  staged: string;
  /** Where the old content waits until every target is swapped; in the same directory as `staged`. */
  aside: string;
  /** Whether there was something at `path` when the transaction began. */
  existed: boolean;
  /** What moves from the old content into the new one. */
  carry: CarriedPath[];
  /**
   * For children: relative paths that stay where they are, mount points first of all. The directories above them stay as well, and their
   * other children are exchanged.
   */
  fixed: string[];
  /**
   * Directories of the old content that the exchange disturbs; a rollback puts their mode and time back. For children the caller notes the
   * target itself, because the private directory is made in it; `commit` adds the others.
   */
  before: DirectoryState[];
  /** Directories of the new content that get their mode and time at the end: those of renames, and those that must not be written to. */
  after: DirectoryState[];
  /** Directories that had to be made for the target, outermost first; a rollback removes those that are empty. */
  made_parents: string[];
}

/** Relative to the target. Both are the same but where the new content has something else in the place. */
export interface CarriedPath {
  from: string;
  to: string;
}

/** A directory of a target, relative to it; empty for the target itself. */
export interface DirectoryState {
  path: string;
  /** Permission bits. */
  mode: number;
  mtime_ms: number;
}
