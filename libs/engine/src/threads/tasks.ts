import type { ZipEntry } from '@pawvault/archive';
import type { JobWarning, Omission } from '@pawvault/contracts';
import type { Located } from '../capture/located';

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

/** One thing that becomes an entry or a record. `name` is the entry name, directories with a trailing slash. */
export type PackItem = DirectoryItem | LinkItem | FileItem;

interface ItemFacts {
  name: string;
  mode: number;
  mtimeMs: number;
  /** Absent where it is that of the parent directory. */
  owner?: Owner;
}

export interface Owner {
  uid: number;
  gid: number;
}

export type DirectoryItem = ItemFacts & { kind: 'directory' };

/** A symbolic link that stands in the manifest alone. */
export type LinkItem = ItemFacts & { kind: 'symlink'; target: string };

/** `place` and `base` tell where the content is read. */
export interface FileItem extends ItemFacts, Located {
  kind: 'file';
  size: number;
  /** Set for a symbolic link that leads to this content. Without the content the link stands in the manifest alone. */
  target?: string;
  /** A consistent copy to be read instead: no stability checks, and times come from the item. */
  captured?: CapturedCopy;
  /** A database that could not be captured, as was said already: it is taken as it lies. */
  raw?: true;
}

/** A captured database, in a directory of its own that is removed when the copy has been read. */
export interface CapturedCopy {
  directory: string;
  path: string;
  state: 'sound' | 'unstable';
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
  /** Zip entries. */
  count: number;
  /** Records of the manifest: entries, and links without one. */
  records: number;
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
  at: Located;
  workDir: string;
}

/** raw: take the files as they lie, with their -wal and -journal; nothing was copied. */
export type SqliteCapture = { warning: JobWarning | null } & (
  { kind: 'copy'; copy: CapturedCopy; size: number } | { kind: 'raw' }
);

export interface CheckItem {
  entry: ZipEntry;
  /** From the manifest, where there is one. */
  sha256: string | null;
  /** Where the proven content is written; null only proves it. */
  write: WriteTarget | null;
}

/** A file that is to be made in a staging area; its directory exists, it does not. */
export interface WriteTarget {
  /** Of the root of the area, held open in the main thread; descriptors belong to the process. */
  areaFd: number;
  /** Relative to the root; empty for the root itself. */
  directory: string;
  name: string;
  /** Permission bits. */
  mode: number;
  /** null: the time of writing. */
  mtimeMs: number | null;
  /** null: the user and group of this process. */
  owner: { uid: number; gid: number } | null;
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
