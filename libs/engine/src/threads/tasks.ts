import type { Omission } from '@pawvault/contracts';
import type { JobWarning } from '@pawvault/contracts';
import type { ZipEntry } from '@pawvault/archive';

/** What a thread can be asked to do. Everything here crosses a thread border: plain data, buffers are transferred. */
export interface TaskMap {
  'pack-batch': { input: PackBatchInput; output: PackBatchOutput };
  'deflate-block': { input: DeflateBlockInput; output: DeflateBlockOutput };
  'capture-sqlite': { input: CaptureSqliteInput; output: SqliteCapture };
  'check-batch': { input: CheckBatchInput; output: CheckBatchOutput };
}

export type TaskName = keyof TaskMap;

/** Whoever carries tasks out: threads, or in specs the caller itself. */
export interface TaskRunner {
  /** How many tasks run at once; callers keep about twice as many in flight. */
  readonly size: number;
  /** @param transfer buffers of the input that move to the runner instead of being copied */
  run<T extends TaskName>(
    name: T,
    input: TaskMap[T]['input'],
    transfer?: readonly ArrayBuffer[],
  ): Promise<TaskMap[T]['output']>;
}

/** One thing that becomes an entry. `name` is the entry name, directories with a trailing slash. */
export type PackItem =
  | { kind: 'directory'; name: string; mode: number; mtimeMs: number }
  | { kind: 'symlink'; name: string; mode: number; mtimeMs: number; target: string }
  | FileItem;

export interface FileItem {
  kind: 'file';
  name: string;
  /** Where the content is read: the file itself, or the captured copy of a database. */
  path: string;
  mode: number;
  mtimeMs: number;
  size: number;
  /** The content is a consistent copy already: no stability checks, and times come from the item. */
  captured?: 'sound' | 'unstable';
}

export interface PackBatchInput {
  items: PackItem[];
  level: number;
  /** Where captured copies of databases go. */
  workDir: string;
  /** Buffers of an earlier batch, to be used again: fresh memory costs page faults and garbage collection. */
  recycled: RecycledBuffers | null;
}

export interface RecycledBuffers {
  bytes: ArrayBuffer;
  feed: ArrayBuffer;
}

export interface PackBatchOutput {
  /** Local headers and data, ready for the archive. */
  bytes: Uint8Array;
  /** Central records with offsets relative to `bytes`. */
  central: Uint8Array;
  count: number;
  /** What the archive signature is fed with for these entries. */
  feed: Uint8Array;
  /** Manifest records, each `{…},\n`. */
  manifest: Uint8Array;
  /** Regular files and symlinks. */
  files: number;
  contentBytes: number;
  omissions: Omission[];
  warnings: JobWarning[];
}

export interface DeflateBlockInput {
  /** Open in the main thread; descriptors belong to the process. */
  fd: number;
  position: number;
  length: number;
  level: number;
  /** The last block closes the deflate stream, the others end on a byte border. */
  last: boolean;
}

export interface DeflateBlockOutput {
  raw: Uint8Array;
  deflated: Uint8Array;
}

export interface CaptureSqliteInput {
  path: string;
  workDir: string;
}

/**
 * copy: one sound database in a file of its own, its -wal and -journal worked in;
 * unstable: the best copy there is, not proven sound; raw: take the files as they lie, with their -wal and -journal.
 */
export interface SqliteCapture {
  kind: 'copy' | 'unstable' | 'raw';
  path: string;
  size: number;
  warning: JobWarning | null;
}

export interface CheckItem {
  entry: ZipEntry;
  /** From the manifest, where there is one. */
  sha256: string | null;
  /** Where the proven content is written; null only proves it. */
  write: WriteTarget | null;
}

/** A file that is to be made; its directory exists, it does not. */
export interface WriteTarget {
  path: string;
  /** Permission bits. */
  mode: number;
  mtimeMs: number;
}

export interface CheckBatchInput {
  fd: number;
  items: CheckItem[];
  /** Local headers must be as PawVault writes them, to the byte. */
  ownHeaders: boolean;
  /** The feed of an earlier batch, to be used again. */
  recycled: ArrayBuffer | null;
}

export interface CheckBatchOutput {
  /** What the archive signature is fed with; meaningless once there is a problem. */
  feed: Uint8Array;
  problems: { code: string; path: string; message: string }[];
}
