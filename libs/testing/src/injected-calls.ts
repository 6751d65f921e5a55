import { readlinkSync } from 'node:fs';
import { constants } from 'node:os';

/** A call of node:fs that touches the directory under test. */
export interface FsCall {
  /** As it is called, e.g. `renameSync`, `promises.rename`, `FileHandle.sync`. */
  name: string;
  /** The first path that lies in the directory, or the file descriptor. */
  target: string | number;
}

/** The error that the operating system would give. `errno` is a name such as `EIO`. */
export function errnoError(errno: string, call: FsCall): NodeJS.ErrnoException {
  const number = (constants.errno as Record<string, number>)[errno];
  if (number === undefined) throw new RangeError(`Unknown errno ${errno}`);
  const error: NodeJS.ErrnoException = new Error(`${errno}: injected failure, ${call.name} '${call.target}'`);
  error.code = errno;
  error.errno = -number;
  error.syscall = call.name.replace(/^.*\./, '').replace(/Sync$/, '');
  if (typeof call.target === 'string') error.path = call.target;
  return error;
}

/**
 * Decides which calls belong to the directory under test: those with a path in it, and those on a file that was opened by such
 * a path. Everything else (the test runner loading a module, for instance) passes unseen and uncounted.
 */
export class CallFilter {
  private readonly descriptors = new Set<number>();
  private readonly prefix: string;

  constructor(private readonly root: string) {
    this.prefix = root.endsWith('/') ? root : `${root}/`;
  }

  /** The path or descriptor of a call of the directory under test, or undefined. `args` are those of the call. */
  targetOf(args: readonly unknown[]): string | number | undefined {
    const descriptor = descriptorOf(args[0]);
    if (descriptor !== undefined) return this.descriptors.has(descriptor) ? descriptor : undefined;
    return args
      .slice(0, 2)
      .map(pathOf)
      .find((path) => path === this.root || path?.startsWith(this.prefix));
  }

  opened(descriptor: number): void {
    this.descriptors.add(descriptor);
  }

  closed(descriptor: number): void {
    this.descriptors.delete(descriptor);
  }
}

/** Of a bare descriptor, or of the FileHandle that `promises.writeFile` and others also take. */
function descriptorOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const isHandle = typeof value === 'object' && value !== null && 'fd' in value && typeof value.fd === 'number';
  return isHandle ? (value.fd as number) : undefined;
}

const THROUGH_DESCRIPTOR = /^(\/proc\/self\/fd\/\d+)(.*)$/s;

/** What is named through an open directory lies where that directory lies by now. */
function resolved(path: string): string {
  const [, descriptor, rest = ''] = THROUGH_DESCRIPTOR.exec(path) ?? [];
  if (descriptor === undefined) return path;
  try {
    return readlink(descriptor) + rest;
  } catch {
    return path;
  }
}

/** Taken before any injection: looking where a call belongs must not count as one. */
const readlink = readlinkSync;

function pathOf(value: unknown): string | undefined {
  if (typeof value === 'string') return resolved(value);
  if (Buffer.isBuffer(value)) return resolved(value.toString('utf8'));
  if (value instanceof URL && value.protocol === 'file:') return decodeURIComponent(value.pathname);
  return undefined;
}
