import { mkdirSync } from 'node:fs';
import { chmod, lutimes, mkdir, symlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ArchiveReader, linkTarget, type ZipEntry } from '@pawvault/archive';
import type { WriteTarget } from '../threads/tasks';
import type { FactsByName } from '../verify/manifest-facts';

/** A module or agent of an archive and the staging area that it is unpacked to. */
export interface StagedModule {
  /** Entry names begin with it. */
  prefix: string;
  staged: string;
  /** Secrets are for their owner alone, whatever the archive says. */
  secret: boolean;
  /** Relative paths that are not taken from the archive: they stay what they are, or are written with other content. */
  leaveOut: ReadonlySet<string>;
}

const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;
/** Everything but set-uid and set-gid, which a restore never brings back. */
const KEPT_BITS = 0o1777;
const LINK_TARGET_BYTES = 8192;

/**
 * Says where each entry of an archive goes, and finishes what threads cannot do out of order: directories before files, links and
 * directory times after them.
 */
export class Placement {
  private readonly made = new Set<string>();
  private readonly modules: readonly StagedModule[];

  constructor(
    modules: readonly StagedModule[],
    private readonly facts: FactsByName,
  ) {
    this.modules = modules;
  }

  /** True for entries that are unpacked somewhere. */
  wants(entry: ZipEntry): boolean {
    return this.locate(entry) !== null;
  }

  /** Where the content of a regular file goes; makes its directory. Links and directories have their own time. */
  place(entry: ZipEntry): WriteTarget | null {
    const place = entry.type === 'file' ? this.locate(entry) : null;
    if (place === null) return null;
    this.makeDirectory(dirname(place.path));
    const mode = place.module.secret ? 0o600 : this.modeOf(entry, FILE_MODE);
    return { path: place.path, mode, mtimeMs: this.timeOf(entry) };
  }

  /** Makes links, empty directories, and gives every directory its mode and time, innermost first. */
  async finish(reader: ArchiveReader, signal: AbortSignal): Promise<void> {
    const directories: { path: string; mode: number; mtimeMs: number }[] = [];
    for (const entry of reader.entries) {
      signal.throwIfAborted();
      const place = entry.type === 'file' ? null : this.locate(entry);
      if (place === null) continue;
      if (entry.type === 'symlink') await this.makeLink(reader, entry, place);
      else {
        this.makeDirectory(place.path);
        const mode = place.module.secret ? 0o700 : this.modeOf(entry, DIRECTORY_MODE);
        directories.push({ path: place.path, mode, mtimeMs: this.timeOf(entry) });
      }
    }
    for (const { path, mode, mtimeMs } of directories.reverse()) {
      await chmod(path, mode);
      await utimes(path, mtimeMs / 1000, mtimeMs / 1000);
    }
  }

  private locate(entry: ZipEntry): { module: StagedModule; path: string } | null {
    const module = this.modules.find(({ prefix }) => entry.name.startsWith(prefix));
    if (module === undefined) return null;
    const relative = entry.name.slice(module.prefix.length).replace(/\/$/, '');
    if (isLeftOut(relative, module.leaveOut)) return null;
    return { module, path: relative === '' ? module.staged : join(module.staged, relative) };
  }

  private makeDirectory(path: string): void {
    if (this.made.has(path)) return;
    // Never recursive above the staging area: where that has been taken away, nothing may come back.
    const module = this.modules.find(({ staged }) => path === staged || path.startsWith(`${staged}/`));
    if (module !== undefined && path !== module.staged) {
      this.makeDirectory(dirname(path));
      mkdirSync(path, { mode: module.secret ? 0o700 : DIRECTORY_MODE });
    }
    this.made.add(path);
  }

  private async makeLink(reader: ArchiveReader, entry: ZipEntry, { path }: { path: string }): Promise<void> {
    this.makeDirectory(dirname(path));
    await symlink(linkTarget(entry.name, await reader.read(entry, LINK_TARGET_BYTES)), path);
    const seconds = this.timeOf(entry) / 1000;
    await lutimes(path, seconds, seconds);
  }

  private modeOf(entry: ZipEntry, fallback: number): number {
    return (this.facts.get(entry.name)?.mode ?? entry.mode ?? fallback) & KEPT_BITS;
  }

  private timeOf(entry: ZipEntry): number {
    return this.facts.get(entry.name)?.mtimeMs ?? entry.mtimeMs;
  }
}

function isLeftOut(relative: string, leaveOut: ReadonlySet<string>): boolean {
  for (let path = relative; path !== '' && path !== '.'; path = dirname(path)) if (leaveOut.has(path)) return true;
  return false;
}

/** Directories above what stays inside a target, so that it has a place to move to. */
export async function makeWayFor(staged: string, carry: readonly string[]): Promise<void> {
  for (const inner of carry) await mkdir(dirname(join(staged, inner)), { recursive: true });
}
