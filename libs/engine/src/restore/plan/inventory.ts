import type { ArchiveLimits } from '@pawvault/archive';
import { type CarryReason, compareCodePoints } from '@pawvault/contracts';
import { type CarriedPath, parentPath, pathsAbove } from '@pawvault/durable-fs';
import type { ExcludeRules } from '../../walk/exclude-rules';
import { leaveOutReason, type LeftOut } from '../../walk/leave-out';
import { refuseDestination } from './check-destinations';
import { formerPath, FreeNames } from './free-names';
import type { FutureTree } from './future-tree';
import type { LiveNode, LiveTree } from './live-tree';
import type { RestoreTarget } from './prepared-plan';

/** A live path that the archive lacks and that stays. */
export interface CarriedNode extends CarriedPath {
  reason: CarryReason;
  detail: string | null;
  isDirectory: boolean;
}

/** What becomes of the live tree of a target. */
export interface Inventory {
  /** Moves over into the new tree, in the order of the live tree. */
  carried: CarriedNode[];
  /** Stays where it is, because it cannot be moved: what is mounted there, or something that holds a mount. */
  fixed: CarriedNode[];
  /** Files, links and special files that are removed, with the rule that leaves them out of backups, where there is one. */
  removed: { path: string; rule: string | null }[];
  /** Directories that the archive lacks and that what is carried over needs, outermost first, with the live directory they are like. */
  made: { path: string; like: string }[];
  /** Paths that backups leave out and that the archive has itself: the archive's content takes their place. */
  overwritten: string[];
}

export interface InventoryOptions {
  target: RestoreTarget;
  rules: ExcludeRules;
  limits: Pick<ArchiveLimits, 'maxPathBytes' | 'maxDepth'>;
  /** Also removes what rules leave out. */
  clean: boolean;
}

/** What a restore of PawVault or QwenPaw that was interrupted has left: never part of a tree. */
const LEFTOVER = /^(?:\.pawvault-restore-.*|\.qwenpaw_restore_.*|\.restore_tmp|\.restore_old)$/;

/**
 * Decides what becomes of every live path that the archive does not have: what no backup can bring back stays.
 * @throws DomainError RESTORE_DESTINATION_REFUSED when the archive has a file above something that cannot be moved
 */
export function takeInventory(live: LiveTree, future: FutureTree, options: InventoryOptions): Inventory {
  const taking = new Taking(live, future, options);
  for (const [path, node] of live.nodes) taking.visit(path, node);
  return taking.result();
}

class Taking {
  private readonly inventory: Inventory = { carried: [], fixed: [], removed: [], made: [], overwritten: [] };
  private readonly names: FreeNames;
  private readonly mounts: ReadonlySet<string>;
  private readonly places: ReadonlyMap<string, CarryReason>;
  /** Below it nothing is looked at any more; empty: nowhere. */
  private skipped = '';
  /** Directories that backups leave out and the archive has: what is in them is left out as well. */
  private readonly entered = new Map<string, LeftOut>();
  private readonly made = new Set<string>();
  private readonly returned = new Set<string>();
  /** Live directories in whose place the archive has something else. */
  private readonly displaced = new Set<string>();

  constructor(
    private readonly live: LiveTree,
    private readonly future: FutureTree,
    private readonly options: InventoryOptions,
  ) {
    this.names = new FreeNames((path) => future.nodes.has(path) || live.nodes.has(path));
    const relative = (path: string): string => path.slice(options.target.destination.length + 1);
    this.mounts = new Set(options.target.mounts.map(relative));
    this.places = new Map(options.target.keepInside.map(({ path, reason }) => [relative(path), reason]));
  }

  visit(path: string, node: LiveNode): void {
    if (this.skipped !== '' && path.startsWith(`${this.skipped}/`)) return;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const place = this.places.get(path);
    if (this.mounts.has(path)) return this.keep(path, node, { reason: 'mount', detail: null });
    if (place !== undefined) return this.keep(path, node, { reason: place, detail: null });
    if (LEFTOVER.test(name)) return this.removeWhole(path, node);
    const leftOut = this.leftOut(path, node);
    if (leftOut === null) this.replace(path, node, null);
    else this.survive(path, node, leftOut);
  }

  result(): Inventory {
    const { made, carried } = this.inventory;
    for (const { from, to } of carried) this.make(from, to);
    made.sort((a, b) => compareCodePoints(a.path, b.path));
    return this.inventory;
  }

  /** Why no backup brings a path back, or null. What an earlier restore has kept beside its place is judged by its former name, too. */
  private leftOut(path: string, node: LiveNode): LeftOut | null {
    const leftOut = this.leftOutAs(path, node);
    const former = formerPath(path);
    return leftOut !== null || former === null ? leftOut : this.leftOutAs(former, node);
  }

  private leftOutAs(path: string, node: LiveNode): LeftOut | null {
    const inherited = this.entered.get(parentPath(path));
    if (inherited !== undefined) return inherited;
    if (node.unreadable !== null) return { by: 'omission', reason: 'unreadable', detail: node.unreadable };
    const relative = node.type === 'directory' ? `${path}/` : path;
    return leaveOutReason(path.isWellFormed() ? relative : Buffer.from(path), kindOf(node), {
      prefix: this.options.target.prefix,
      rules: this.options.rules,
      limits: this.options.limits,
    });
  }

  private survive(path: string, node: LiveNode, leftOut: LeftOut): void {
    if (leftOut.by === 'rule' && this.options.clean) return this.replace(path, node, leftOut.rule);
    const future = this.future.nodes.get(path);
    if (node.type === 'directory' && future?.type === 'directory' && node.unreadable === null) {
      this.entered.set(path, leftOut);
      return;
    }
    const isOurs = future !== undefined && future.type !== 'directory' && node.type !== 'directory';
    // The backup made first takes what a rule leaves out; what it cannot take, special files included, undo needs beside its place.
    if (isOurs && leftOut.by === 'rule') {
      this.inventory.overwritten.push(path);
      return;
    }
    this.keep(path, node, toReason(leftOut));
  }

  /** The archive decides about it; what is in a directory is looked at by itself. */
  private replace(path: string, node: LiveNode, rule: string | null): void {
    const future = this.future.nodes.get(path);
    if (node.type === 'directory') {
      if (future !== undefined && future.type !== 'directory') this.displaced.add(path);
      return;
    }
    if (future === undefined || future.type === 'directory') this.inventory.removed.push({ path, rule });
  }

  private removeWhole(path: string, node: LiveNode): void {
    this.inventory.removed.push({ path: node.type === 'directory' ? `${path}/` : path, rule: null });
    this.skipped = path;
  }

  private keep(path: string, node: LiveNode, why: { reason: CarryReason; detail: string | null }): void {
    const isDirectory = node.type === 'directory';
    this.skipped = path;
    const holdsMount = [...this.mounts].some((mount) => mount === path || mount.startsWith(`${path}/`));
    const to = this.placeFor(path);
    if (!holdsMount) {
      this.inventory.carried.push({ from: path, to, isDirectory, ...why });
      return;
    }
    if (to !== path) throw this.refuse(path);
    this.inventory.fixed.push({ from: path, to, isDirectory, ...why });
  }

  /** Where a path goes: where it is, unless the archive has something else there or above. */
  private placeFor(path: string): string {
    const displaced = [...pathsAbove(path)].reverse().find((above) => this.displaced.has(above));
    if (displaced !== undefined) return this.names.beside(displaced) + path.slice(displaced.length);
    if (this.future.nodes.has(path)) return this.names.beside(path);
    return this.formerPlace(path) ?? path;
  }

  /** Where something was before an earlier restore kept it beside its place, if that is free again. */
  private formerPlace(path: string): string | null {
    const former = formerPath(path);
    if (former === null || this.future.nodes.has(former) || this.returned.has(former)) return null;
    const isBlocked = pathsAbove(former).some(
      (above) => (this.future.nodes.get(above)?.type ?? 'directory') !== 'directory',
    );
    const there = this.live.nodes.get(former);
    if (isBlocked || (there !== undefined && this.leftOut(former, there) !== null)) return null;
    this.returned.add(former);
    return former;
  }

  private refuse(path: string): Error {
    const { id, destination } = this.options.target;
    const above = pathsAbove(path).find((candidate) => this.displaced.has(candidate)) ?? path;
    return refuseDestination('blocks_kept_place', {
      agent: id,
      path: `${destination}/${above}`,
      with: `${destination}/${path}`,
    });
  }

  private make(from: string, to: string): void {
    let like = parentPath(from);
    for (const path of pathsAbove(to)) {
      const isThere = this.future.nodes.get(path)?.type === 'directory' || this.made.has(path);
      if (!isThere) this.inventory.made.push({ path, like });
      this.made.add(path);
      like = parentPath(like);
    }
  }
}

function toReason(leftOut: LeftOut): { reason: CarryReason; detail: string | null } {
  if (leftOut.by === 'rule') return { reason: 'excluded', detail: leftOut.rule };
  return { reason: 'omitted', detail: leftOut.reason };
}

const kindOf = ({ type }: LiveNode): Parameters<typeof leaveOutReason>[1] => ({
  isDirectory: () => type === 'directory',
  isFile: () => type === 'file',
  isSymbolicLink: () => type === 'symlink',
  isSocket: () => false,
  isFIFO: () => false,
});
