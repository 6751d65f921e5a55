import { closeSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import type { JobWarning, Omission } from '@pawvault/contracts';
import { locationOf, openLocated, type Place } from '../capture/located';
import { startsAsSqlite } from '../capture/sqlite-header';
import { untilAborted } from '../until-aborted';
import { omissionOf } from '../walk/omission';
import { BLOCK_BYTES } from './blocks';
import type { FileItem, PackItem, TaskRunner } from '../threads/tasks';
import type { Walked, WalkedFile } from '../walk/walk-tree';

const BATCH_BYTES = 1 << 20;
const BATCH_ITEMS = 256;

/** A piece of work in archive order. */
export type Unit =
  | { kind: 'batch'; items: PackItem[] }
  | { kind: 'large'; file: FileItem }
  /** All earlier units have to be done before the next is asked for: a large copy of a database is about to be made. */
  | { kind: 'settle' };

/** What is learned on the way that is not content. */
export interface Ledger {
  omit(omission: Omission): void;
  warn(warning: JobWarning): void;
  exclude(rule: string, files: number, bytes: number): void;
  /** Bytes that were counted as content and are covered by other content: progress moves on. */
  skip(done: { files: number; bytes: number }): void;
}

export interface UnitContext {
  pool: TaskRunner;
  workDir: string;
  signal: AbortSignal;
  ledger: Ledger;
}

/** Groups walked items into units, in order. Databases that are in use are captured here, so that their logs can be left out. */
export async function* unitsOf(walk: Iterable<Walked>, context: UnitContext): AsyncGenerator<Unit> {
  const batch: PackItem[] = [];
  let bytes = 0;
  const captured = new CapturedDatabases(context);
  for (const walked of walk) {
    context.signal.throwIfAborted();
    // Copies of large databases take room: there is never more than one.
    if (walked.kind === 'file' && walked.copyBytes > BLOCK_BYTES && walked.sidecars.length > 0) {
      if (batch.length > 0) yield { kind: 'batch', items: batch.splice(0) };
      bytes = 0;
      yield { kind: 'settle' };
    }
    const item = await captured.resolve(walked);
    if (item === null) continue;
    const size = item.kind === 'file' ? item.size : 0;
    const large = item.kind === 'file' && size > BLOCK_BYTES;
    if (batch.length > 0 && (large || bytes + size > BATCH_BYTES || batch.length === BATCH_ITEMS)) {
      yield { kind: 'batch', items: batch.splice(0) };
      await breathe();
      bytes = 0;
    }
    if (large) yield { kind: 'large', file: item };
    else {
      batch.push(item);
      bytes += size;
    }
  }
  if (batch.length > 0) yield { kind: 'batch', items: batch };
}

/** Turns walked items into pack items: books omissions and exclusions, and replaces databases in use by sound copies. */
class CapturedDatabases {
  /** The `-wal`, `-journal` and `-shm` files, per directory, whose content is worked into the captured copy, or is worthless. */
  private readonly absorbed = new Map<Place, Set<string>>();

  constructor(private readonly context: UnitContext) {}

  async resolve(walked: Walked): Promise<PackItem | null> {
    const { ledger } = this.context;
    if (walked.kind === 'omission') ledger.omit(walked.omission);
    if (walked.kind === 'excluded') ledger.exclude(walked.rule, walked.files, walked.bytes);
    if (walked.kind === 'omission' || walked.kind === 'excluded' || walked.kind === 'mounted') return null;
    if (walked.kind !== 'file') return walked;
    if (walked.target === undefined && this.absorbed.get(walked.place)?.delete(walked.base) === true) {
      ledger.skip({ files: 1, bytes: walked.size });
      return null;
    }
    return walked.sidecars.length > 0 && isDatabase(walked) ? this.capture(walked) : toPackItem(walked);
  }

  private async capture(file: WalkedFile): Promise<PackItem | null> {
    const { pool, workDir, ledger, signal } = this.context;
    try {
      const capture = await untilAborted(pool.run('capture-sqlite', { at: locationOf(file), workDir }), signal);
      if (capture.warning !== null) ledger.warn(capture.warning);
      const gone = file.sidecars.filter((sidecar) => capture.kind !== 'raw' || sidecar.endsWith('-shm'));
      this.absorb(file.place, gone);
      const item = toPackItem(file);
      if (capture.kind === 'raw') return { ...item, raw: true };
      return { ...item, size: capture.size, captured: capture.copy };
    } catch (error) {
      signal.throwIfAborted();
      ledger.omit(omissionOf(file.name, error));
      return null;
    }
  }

  private absorb(place: Place, names: readonly string[]): void {
    const all = this.absorbed.get(place) ?? new Set();
    this.absorbed.set(place, all);
    names.forEach((name) => all.add(name));
  }
}

/** Without what only this process needs. */
function toPackItem({ kind, name, mode, mtimeMs, place, base, size, owner, target }: WalkedFile): FileItem {
  const item: FileItem = { kind, name, mode, mtimeMs, place, base, size };
  if (owner !== undefined) item.owner = owner;
  if (target !== undefined) item.target = target;
  return item;
}

function isDatabase(file: WalkedFile): boolean {
  try {
    const fd = openLocated(file);
    try {
      return startsAsSqlite(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}
