import { fstatSync, lutimesSync, mkdirSync, symlinkSync } from 'node:fs';
import { chmod, utimes } from 'node:fs/promises';
import { type ArchiveReader, linkTarget, type ZipEntry } from '@pawvault/archive';
import {
  type DirectoryState,
  giveTo,
  type HeldDirectory,
  holdBelow,
  holdChild,
  isLocked,
  isSameNode,
  nameForCalls,
  NotTheSameDirectory,
  type OpenTarget,
  type Owner,
  parentPath,
  pathsAbove,
  stagedName,
} from '@pawvault/durable-fs';
import type { WriteTarget } from '../threads/tasks';
import type { FactsByName } from '../verify/manifest-facts';
import type { FutureNode } from './plan/future-tree';
import type { PlannedTarget } from './plan/prepared-plan';
import { Ownership } from './ownership';
import { finalStates } from './final-states';

export interface AreaFacts {
  reader: ArchiveReader;
  /** What the manifest says of each entry. */
  facts: FactsByName;
  /** Owners that the manifest records, by entry name. */
  owners: ReadonlyMap<string, Owner>;
  /** Paths whose content is not the archive's and is written apart. */
  rewritten: ReadonlySet<string>;
}

const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;
/** Everything but set-uid and set-gid, which a restore never brings back. */
const KEPT_BITS = 0o1777;
const LINK_TARGET_BYTES = 8192;

/**
 * The private directory that one target is unpacked into, held open: nothing is reached by a path that another program could exchange.
 * Says where each entry goes, and finishes what threads cannot do out of order: directories before files, links and directory times after
 * them.
 */
export class StagingArea {
  private readonly made = new Set<string>(['']);
  private readonly ownership: Ownership;
  private readonly unmade: ReadonlySet<string>;

  private constructor(
    readonly planned: PlannedTarget,
    private readonly open: OpenTarget,
    private readonly root: HeldDirectory,
    private readonly known: AreaFacts,
  ) {
    this.unmade = new Set(planned.future.unmadeLinks);
    this.ownership = new Ownership(planned, { owners: known.owners, open, inherited: fstatSync(root.fd).gid });
  }

  static make(planned: PlannedTarget, open: OpenTarget, known: AreaFacts): StagingArea {
    if (open.work === null) throw new RangeError('the target has not been prepared');
    assertSame(planned, open);
    mkdirSync(open.work.at(stagedName(open)), { mode: 0o700 });
    const root = holdChild(open.work, stagedName(open));
    open.fresh = { dev: root.dev, ino: root.ino };
    return new StagingArea(planned, open, root, known);
  }

  /** For messages, and for syncing the file system that it lies on. */
  get path(): string {
    return this.root.path;
  }

  close(): void {
    this.root.close();
  }

  /** True for entries whose content is written here. */
  wants(entry: ZipEntry): boolean {
    if (entry.type !== 'file' || !entry.name.startsWith(this.planned.prefix)) return false;
    const path = this.pathOf(entry);
    const node = this.planned.future.nodes.get(path);
    return node?.entry === entry && node.type === 'file' && !this.known.rewritten.has(path);
  }

  /** Where the content of a wanted entry goes; makes its directory. */
  place(entry: ZipEntry): WriteTarget {
    const path = this.pathOf(entry);
    return this.fileAt(path, { mode: this.modeOf(path, entry), mtimeMs: this.timeOf(entry) });
  }

  /** A file whose content is not the archive's. */
  fileAt(path: string, { mode, mtimeMs }: { mode: number; mtimeMs: number | null }): WriteTarget {
    const directory = parentPath(path);
    this.makeDirectory(directory);
    const name = path.slice(path.lastIndexOf('/') + 1);
    return {
      areaFd: this.root.fd,
      directory,
      name,
      mode: this.fileMode(mode),
      mtimeMs,
      owner: this.ownership.of(path),
    };
  }

  /** Permission bits that the archive has for a file. */
  archivedMode(path: string): number {
    const entry = this.planned.future.nodes.get(path)?.entry;
    return entry === undefined || entry === null ? FILE_MODE : this.modeOf(path, entry);
  }

  /**
   * Makes links, empty directories and those that what is carried over needs, and gives every directory its mode and time, innermost first.
   * @returns what the exchange has to apply at the end: directories that renames disturb, and those that nothing could be moved into
   */
  async finish(signal: AbortSignal): Promise<DirectoryState[]> {
    const directories = this.directories();
    for (const { path } of directories) this.makeDirectory(path);
    for (const [path, node] of this.planned.future.nodes) {
      signal.throwIfAborted();
      if (node.type === 'symlink') await this.makeLink(path, node);
    }
    for (const state of [...directories].reverse()) await this.finishDirectory(state);
    return finalStates(this.planned, { directories, kind: this.open.target.kind, before: this.open.target.before });
  }

  /** All directories of the new tree, parents before their children, with what they get at the end. */
  private directories(): DirectoryState[] {
    const { future, inventory, live, prefix } = this.planned;
    const root = this.known.reader.get(prefix);
    const states: DirectoryState[] = [this.stateOf('', root ?? null)];
    for (const [path, { type, entry }] of future.nodes)
      if (type === 'directory') states.push(this.stateOf(path, entry));
    for (const { path, like } of inventory.made) {
      const { mode = DIRECTORY_MODE, mtimeMs = Date.now() } = live.nodes.get(like) ?? live.root ?? {};
      states.push({ path, mode, mtime_ms: mtimeMs });
    }
    const depth = ({ path }: DirectoryState): number => (path === '' ? 0 : path.split('/').length);
    return states.sort((a, b) => depth(a) - depth(b));
  }

  /** A directory that no entry names keeps what it has here, if it is here. */
  private stateOf(path: string, entry: ZipEntry | null): DirectoryState {
    const { live } = this.planned;
    const found = path === '' ? live.root : live.nodes.get(path);
    if (entry === null)
      return { path, mode: this.directoryMode(found?.mode ?? DIRECTORY_MODE), mtime_ms: found?.mtimeMs ?? Date.now() };
    const archived = this.known.facts.get(entry.name)?.mode ?? entry.mode ?? DIRECTORY_MODE;
    return { path, mode: this.directoryMode(archived & KEPT_BITS), mtime_ms: this.timeOf(entry) };
  }

  /** Until everything is in its place, every directory can be written to by its owner. */
  private async finishDirectory(state: DirectoryState): Promise<void> {
    const directory = holdBelow(this.root, state.path);
    try {
      const owner = this.ownership.of(state.path);
      if (owner !== null) giveTo(directory.at('.'), owner);
      await chmod(directory.at(), isLocked(state) ? state.mode | 0o700 : state.mode);
      await utimes(directory.at(), state.mtime_ms / 1000, state.mtime_ms / 1000);
    } finally {
      directory.close();
    }
  }

  private makeDirectory(path: string): void {
    if (this.made.has(path)) return;
    this.makeDirectory(parentPath(path));
    this.withParent(path, (parent, name) => mkdirSync(parent.at(name), { mode: 0o700 }));
    this.made.add(path);
  }

  private async makeLink(path: string, node: FutureNode): Promise<void> {
    for (const above of [...pathsAbove(path)].reverse()) this.makeDirectory(above);
    const { entry, link } = node;
    const target = link ?? linkTarget(entry?.name ?? '', await this.readLink(entry));
    const mtimeMs = this.linkTime(path, entry);
    this.withParent(path, (parent, name) => {
      const place = parent.at(name);
      symlinkSync(target, place);
      const owner = this.ownership.of(path);
      if (owner !== null) giveTo(place, owner);
      lutimesSync(place, mtimeMs / 1000, mtimeMs / 1000);
    });
  }

  private readLink(entry: ZipEntry | null): Promise<Buffer> {
    if (entry === null) throw new RangeError('a link without a target');
    return this.known.reader.read(entry, LINK_TARGET_BYTES);
  }

  private linkTime(path: string, entry: ZipEntry | null): number {
    const recorded = this.planned.linkTimes.get(`${this.planned.prefix}${path}`);
    if (recorded !== undefined) return recorded;
    return entry === null ? Date.now() : this.timeOf(entry);
  }

  private withParent(path: string, act: (parent: HeldDirectory, name: string | Buffer) => void): void {
    const parent = holdBelow(this.root, parentPath(path));
    try {
      act(parent, nameForCalls(path.slice(path.lastIndexOf('/') + 1)));
    } finally {
      parent.close();
    }
  }

  private pathOf(entry: ZipEntry): string {
    return entry.name.slice(this.planned.prefix.length).replace(/\/$/, '');
  }

  /** The content of a link that is not made becomes a file; what the manifest says of the mode is then that of the link. */
  private modeOf(path: string, entry: ZipEntry): number {
    const isUnmade = this.unmade.has(path);
    const mode = (isUnmade ? undefined : this.known.facts.get(entry.name)?.mode) ?? entry.mode ?? FILE_MODE;
    return mode & KEPT_BITS;
  }

  /** Secrets are for their owner alone, whatever the archive says. */
  private fileMode(mode: number): number {
    return this.planned.kind === 'secrets' ? 0o600 : mode;
  }

  private directoryMode(mode: number): number {
    return this.planned.kind === 'secrets' ? 0o700 : mode;
  }

  private timeOf(entry: ZipEntry): number {
    return this.known.facts.get(entry.name)?.mtimeMs ?? entry.mtimeMs;
  }
}

/** What is replaced has to be what the plan has looked at. */
function assertSame({ live, destination }: PlannedTarget, { target, area, former }: OpenTarget): void {
  const present = target.kind === 'children' ? area : former;
  const isSame =
    live.identity === undefined ? present === null : present !== null && isSameNode(present, live.identity);
  if (!isSame) throw new NotTheSameDirectory(destination);
}
