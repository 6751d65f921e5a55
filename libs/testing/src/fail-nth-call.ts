import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { devNull } from 'node:os';
import { CallFilter, errnoError, type FsCall } from './injected-calls';

export interface FailureOptions {
  /** Only calls on this directory and what lies in it are counted. */
  under: string;
  /** The errno that the call fails with; EIO when not given. */
  errno?: string;
  /** `once` (default): later calls work again, as after a passing fault. `onwards`: none does, as when the disk is gone. */
  lasting?: 'once' | 'onwards';
  /** Calls that it refuses are neither counted nor failed. */
  only?: (call: FsCall) => boolean;
}

export interface FailureInjection {
  /** Calls seen so far, including the failed ones. */
  calls: () => number;
  /** The first call that was failed, or null as long as none was. */
  failed: () => FsCall | null;
  /** Puts every function back. May be called more than once. */
  restore: () => void;
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Functions = Record<string, AnyFunction>;

const NAMES = (
  'access appendFile chmod chown close copyFile cp fchmod fchown fdatasync fstat fsync ftruncate futimes lchown link lstat lutimes ' +
  'mkdir mkdtemp open opendir read readdir readFile readlink readv realpath rename rm rmdir stat statfs symlink truncate unlink ' +
  'utimes write writeFile writev'
).split(' ');
const HANDLE_NAMES =
  'appendFile chmod chown datasync read readFile readv stat sync truncate utimes write writeFile writev'.split(' ');

let active: FailureInjection | null = null;

/**
 * Makes the n-th call (from 1) of a function of node:fs fail: synchronous, callback and promise variants, and methods of a
 * FileHandle. The failed call has no effect, except that a file that fails to close is closed all the same, as on Linux.
 *
 * Reaches code that imports functions by name, or the module as default and nothing else; other imports of the whole module hold
 * copies of the functions.
 * Worker threads and other processes are not reached. Only one injection may be active at a time.
 */
export async function failNthCall(nth: number, options: FailureOptions): Promise<FailureInjection> {
  const handles = await fileHandlePrototype();
  if (active) throw new Error('Another failure injection is active');
  const filter = new CallFilter(options.under);
  const undo: (() => void)[] = [];
  let calls = 0;
  let failed: FsCall | null = null;

  const shouldFail = (call: FsCall): boolean => {
    if (options.only && !options.only(call)) return false;
    calls++;
    const due = calls === nth || (options.lasting === 'onwards' && calls > nth);
    if (due) failed ??= call;
    return due;
  };
  const judge: Judge = (name, args) => {
    const target = filter.targetOf(args);
    if (target === undefined) return null;
    const call = { name, target };
    return shouldFail(call) ? errnoError(options.errno ?? 'EIO', call) : null;
  };

  const context: Context = { judge, filter, undo };
  patchModule(fs as unknown as Functions, context);
  patchPromises(fs.promises as unknown as Functions, context);
  patchHandles(handles, context);
  active = {
    calls: () => calls,
    failed: () => failed,
    restore: () => {
      for (const put of undo.splice(0).reverse()) put();
      active = null;
    },
  };
  return active;
}

/** The error that a call is to fail with, or null when it is to run. */
type Judge = (name: string, args: readonly unknown[]) => NodeJS.ErrnoException | null;

interface Context {
  judge: Judge;
  filter: CallFilter;
  undo: (() => void)[];
}

/** Node exports no FileHandle; the class is known by one of its objects. */
async function fileHandlePrototype(): Promise<Functions> {
  const handle = await fs.promises.open(devNull);
  await handle.close();
  return Object.getPrototypeOf(handle) as Functions;
}

function replace(owner: Functions, name: string, context: Context, wrap: (original: AnyFunction) => AnyFunction): void {
  const original = owner[name];
  if (typeof original !== 'function') return;
  const wrapper = wrap(original);
  // `realpath.native`, and what util.promisify looks for
  const { length: _length, name: _name, prototype: _prototype, ...rest } = Object.getOwnPropertyDescriptors(original);
  Object.defineProperties(wrapper, rest);
  owner[name] = wrapper;
  context.undo.push(() => {
    owner[name] = original;
  });
}

function patchModule(module: Functions, context: Context): void {
  for (const name of NAMES) {
    replace(module, `${name}Sync`, context, (original) => syncWrapper(`${name}Sync`, original, context));
    replace(module, name, context, (original) => callbackWrapper(name, original, context));
  }
}

function syncWrapper(name: string, original: AnyFunction, { judge, filter }: Context): AnyFunction {
  return function (...args) {
    const error = judge(name, args);
    if (error && name === 'closeSync') original.apply(this, args);
    if (name === 'closeSync') filter.closed(args[0] as number);
    if (error) throw error;
    const isOurs = name === 'openSync' && filter.targetOf(args) !== undefined;
    const result = original.apply(this, args);
    if (isOurs) filter.opened(result as number);
    return result;
  };
}

function callbackWrapper(name: string, original: AnyFunction, { judge, filter }: Context): AnyFunction {
  return function (...args) {
    const error = judge(name, args);
    const callback = args.at(-1) as AnyFunction | undefined;
    if (name === 'close') filter.closed(args[0] as number);
    if (typeof callback !== 'function') return original.apply(this, args);
    if (error && name === 'close') return original.call(this, args[0], () => void callback(error));
    if (error) return process.nextTick(() => void callback(error));
    if (name !== 'open' || filter.targetOf(args) === undefined) return original.apply(this, args);
    const opened = (failure: unknown, descriptor: number): void => {
      if (!failure) filter.opened(descriptor);
      callback(failure, descriptor);
    };
    return original.apply(this, [...args.slice(0, -1), opened]);
  };
}

function patchPromises(promises: Functions, context: Context): void {
  for (const name of NAMES) {
    const wrap = (original: AnyFunction): AnyFunction =>
      async function (...args) {
        const error = context.judge(`promises.${name}`, args);
        if (error) throw error;
        const result = await original.apply(promises, args);
        if (name === 'open' && context.filter.targetOf(args) !== undefined) trackHandle(result as FileHandle, context);
        return result;
      };
    replace(promises, name, context, wrap);
  }
}

/** `close` is a property of each handle, unlike the other methods. */
function trackHandle(handle: FileHandle, context: Context): void {
  const { fd } = handle;
  context.filter.opened(fd);
  const wrap = (close: AnyFunction): AnyFunction =>
    async function () {
      const error = context.judge('FileHandle.close', [fd]);
      context.filter.closed(fd);
      await close.call(handle);
      if (error) throw error;
    };
  replace(handle as unknown as Functions, 'close', context, wrap);
}

function patchHandles(prototype: Functions, context: Context): void {
  for (const name of HANDLE_NAMES) {
    const wrap = (original: AnyFunction): AnyFunction =>
      function (...args) {
        const error = context.judge(`FileHandle.${name}`, [(this as FileHandle).fd]);
        return error ? Promise.reject(error) : original.apply(this, args);
      };
    replace(prototype, name, context, wrap);
  }
}
