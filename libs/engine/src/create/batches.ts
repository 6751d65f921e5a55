import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { JobWarning, Omission } from '@pawvault/contracts';
import { isSqlite } from '../capture/sqlite-capture';
import { untilAborted } from '../until-aborted';
import { omissionOf } from '../walk/omission';
import { BLOCK_BYTES } from './blocks';
import type { FileItem, PackItem, TaskRunner } from '../threads/tasks';
import { databaseOf, type Walked, type WalkedFile } from '../walk/walk-tree';

const BATCH_BYTES = 1 << 20;
const BATCH_ITEMS = 256;

/** A piece of work in archive order. */
export type Unit = { kind: 'batch'; items: PackItem[] } | { kind: 'large'; file: FileItem };

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
  let batch: PackItem[] = [];
  let bytes = 0;
  const captured = new CapturedDatabases(context);
  for (const walked of walk) {
    context.signal.throwIfAborted();
    const item = await captured.resolve(walked);
    if (item === null) continue;
    const size = item.kind === 'file' ? item.size : 0;
    const large = item.kind === 'file' && size > BLOCK_BYTES;
    if (batch.length > 0 && (large || bytes + size > BATCH_BYTES || batch.length === BATCH_ITEMS)) {
      yield { kind: 'batch', items: batch };
      await breathe();
      batch = [];
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
  /** Paths of `-wal`, `-journal` and `-shm` files whose content is worked into the captured copy, or is worthless. */
  private readonly absorbed = new Set<string>();

  constructor(private readonly context: UnitContext) {}

  async resolve(walked: Walked): Promise<PackItem | null> {
    const { ledger } = this.context;
    if (walked.kind === 'omission') ledger.omit(walked.omission);
    if (walked.kind === 'excluded') ledger.exclude(walked.rule, walked.files, walked.bytes);
    if (walked.kind === 'omission' || walked.kind === 'excluded') return null;
    if (walked.kind !== 'file') return walked;
    if (databaseOf(basename(walked.path)) !== null && this.absorbed.delete(walked.path)) {
      ledger.skip({ files: 1, bytes: walked.size });
      return null;
    }
    return walked.sidecars.length > 0 && (await startsAsSqlite(walked.path)) ? this.capture(walked) : walked;
  }

  private async capture(file: WalkedFile): Promise<PackItem | null> {
    const { pool, workDir, ledger, signal } = this.context;
    try {
      const capture = await untilAborted(pool.run('capture-sqlite', { path: file.path, workDir }), signal);
      if (capture.warning !== null) ledger.warn(capture.warning);
      for (const sidecar of file.sidecars) {
        if (capture.kind !== 'raw' || sidecar.endsWith('-shm')) this.absorbed.add(join(dirname(file.path), sidecar));
      }
      if (capture.kind === 'raw') return file;
      return {
        ...file,
        path: capture.path,
        size: capture.size,
        captured: capture.kind === 'copy' ? 'sound' : 'unstable',
      };
    } catch (error) {
      signal.throwIfAborted();
      ledger.omit(omissionOf(file.name, error));
      return null;
    }
  }
}

export async function startsAsSqlite(path: string): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) return false;
  try {
    const head = Buffer.alloc(16);
    await handle.read(head, 0, head.length, 0);
    return isSqlite(head);
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}
